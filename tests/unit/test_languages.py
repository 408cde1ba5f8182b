"""Nothing depends on English: pages of ten writing traditions come out whole, with their own marks and digits."""
# ruff: noqa: E501 - sentences of ten languages are of one piece

from __future__ import annotations

from dataclasses import dataclass

import pytest

from newscrawl.article import Page
from newscrawl.refine import article_from_page
from newscrawl.text.language import same_language


@dataclass(frozen=True, kw_only=True)
class Case:
    """A page as its outlet would print it."""

    language: str
    title: str
    byline: str
    author: str
    printed: str
    """The date as printed; the page states none elsewhere."""
    published: str
    standfirst: str
    text: tuple[str, ...]
    head: str
    items: tuple[str, ...]
    caption: str
    time_zone: str


CASES = (
    Case(
        language="ar",
        title="الميناء القديم يفتح أبوابه من جديد",
        byline="بقلم: ليلى حداد",
        author="ليلى حداد",
        printed="٤ مارس ٢٠٢٦",
        published="2026-03-04",
        standfirst="كلّف الإصلاح أكثر مما كان مخططًا له، والبوابة الثانية ما زالت تنتظر دورها.",
        text=(
            "فُتح ميناء المدينة القديمة يوم الثلاثاء بعد يومين من إصلاح البوابة الشمالية، وقالت سلطة الميناء إن ١٢٠ سفينة تنتظر.",
            "«لم نكن نظن أن الأمر سينتهي هذا الأسبوع»، قال مدير الميناء؛ هل تعود العبّارات غدًا؟ نعم، في الموعد نفسه.",
            "وستُستبدل البوابة الثانية في العام المقبل، عندما تصل الرافعة الجديدة من الحوض الواقع في جنوب الخليج.",
        ),
        head="ماذا بعد؟",
        items=("الرافعة في الربيع", "الرصيف في الصيف"),
        caption="البوابة عند الغروب",
        time_zone="Asia/Riyadh",
    ),
    Case(
        language="he",
        title="הנמל הישן נפתח מחדש אחרי יומיים",
        byline="מאת: רות אמבר",
        author="רות אמבר",
        printed="4 במרץ 2026",
        published="2026-03-04",
        standfirst="התיקון עלה יותר מן המתוכנן, והשער השני עדיין ממתין לתורו.",
        text=(
            "נמל העיר העתיקה נפתח ביום שלישי אחרי יומיים של תיקונים בשער הצפוני, כך מסרה רשות הנמל לעיתונאים בבוקר.",
            "„לא האמנו שזה ייגמר השבוע״, אמר מנהל הנמל. האם המעבורות ישובו מחר? כן, באותה שעה ובאותו רציף כמו תמיד.",
            "השער השני יוחלף בשנה הבאה, כאשר יגיע העגורן החדש מן המספנה שבדרום המפרץ, סמוך לשוק הדגים הישן.",
        ),
        head="מה הלאה?",
        items=("העגורן באביב", "הרציף בקיץ"),
        caption="השער בשעת בין ערביים",
        time_zone="Asia/Jerusalem",
    ),
    Case(
        language="zh",
        title="旧城港口修复两天后重新开放",
        byline="记者：林小雨",
        author="林小雨",
        printed="2026年3月4日",
        published="2026-03-04",
        standfirst="修理费用比计划多出三分之一，第二道闸门还要再等一年。",
        text=(
            "港务局表示，旧城港口的北闸门经过两天抢修，已于星期二重新开放，一百二十艘船只正在排队进港。",
            "“我们没想到这个星期就能修好。”港务局长说，“渡轮明天还开吗？当然开，时间和码头都不变！”鱼市比平时晚开一个小时。",
            "第二道闸门将在明年更换，届时新的起重机会从海湾南边的船厂运到；至于费用，由港口与拖船的保险公司共同承担。",
        ),
        head="接下来做什么？",
        items=("春天：起重机运到", "夏天：新码头启用"),
        caption="黄昏时的闸门",
        time_zone="Asia/Shanghai",
    ),
    Case(
        language="ja",
        title="旧市街の港、二日ぶりに再開",
        byline="文・田中一郎",
        author="田中一郎",
        printed="2026年3月4日",
        published="2026-03-04",
        standfirst="修理費は予定の三割増し、二つ目の門は来年になる見通しだ。",
        text=(
            "旧市街の港は、北の門の修理が二日で終わり、火曜日に再び開いた。港湾局によると、百二十隻の船が順番を待っている。",
            "「今週中に終わるとは思わなかった」と港長は話す。フェリーは明日も出るのか？もちろん、いつもの時刻に同じ桟橋からだ。",
            "二つ目の門は来年、湾の南の造船所から新しいクレーンが届いてから取り換える。費用は港と曳船の保険会社が分け合う。",
        ),
        head="これからの予定",
        items=("春にはクレーンが届く", "夏には新しい桟橋が開く"),
        caption="夕暮れの門",
        time_zone="Asia/Tokyo",
    ),
    Case(
        language="th",
        title="ท่าเรือเมืองเก่าเปิดอีกครั้งหลังซ่อมสองวัน",
        byline="โดย สมชาย ใจดี",
        author="สมชาย ใจดี",
        printed="4 มีนาคม 2569",
        published="2026-03-04",
        standfirst="ค่าซ่อมสูงกว่าที่วางแผนไว้หนึ่งในสาม และประตูที่สองยังต้องรอ",
        text=(
            "ท่าเรือของเมืองเก่าเปิดอีกครั้งเมื่อวันอังคารหลังจากซ่อมประตูด้านเหนือนานสองวัน การท่าเรือกล่าวว่ามีเรือรออยู่ ๑๒๐ ลำ",
            "“เราไม่คิดว่าจะเสร็จในสัปดาห์นี้” นายท่ากล่าว เรือข้ามฟากจะออกพรุ่งนี้หรือไม่ แน่นอน ตามเวลาเดิมและจากท่าเดิม",
            "ประตูที่สองจะเปลี่ยนในปีหน้า เมื่อปั้นจั่นใหม่มาถึงจากอู่ทางใต้ของอ่าว ส่วนค่าใช้จ่ายนั้นท่าเรือกับบริษัทประกันจะแบ่งกัน",
        ),
        head="ต่อไปเป็นอย่างไร",
        items=("ปั้นจั่นมาถึงในฤดูร้อน", "ท่าใหม่เปิดปลายปี"),
        caption="ประตูยามเย็น",
        time_zone="Asia/Bangkok",
    ),
    Case(
        language="ru",
        title="Порт старого города снова открыт",
        byline="Автор: Ирина Ветрова",
        author="Ирина Ветрова",
        printed="4 марта 2026",
        published="2026-03-04",
        standfirst="Ремонт обошёлся на треть дороже, чем думали, а вторые ворота ещё ждут своей очереди.",
        text=(
            "Порт старого города открылся во вторник после двух дней ремонта северных ворот, сообщили в управлении порта.",
            "«Мы не верили, что управимся за неделю, — сказал начальник порта. — Паромы пойдут завтра?» Да, в то же время…",
            "Вторые ворота заменят в будущем году, когда с верфи на юге залива придёт новый кран; платит страховая компания.",
        ),
        head="Что дальше?",
        items=("кран — весной", "причал — летом"),
        caption="Ворота вечером",
        time_zone="Europe/Moscow",
    ),
    Case(
        language="kk",
        title="Ескі қаланың айлағы қайта ашылды",
        byline="Авторы: Сәуле Бектұрова",
        author="Сәуле Бектұрова",
        printed="4 наурыз 2026",
        published="2026-03-04",
        standfirst="Жөндеу жоспардан үштен біріне қымбатқа түсті, екінші қақпа әлі кезегін күтіп тұр.",
        text=(
            "Ескі қаланың айлағы солтүстік қақпаны екі күн жөндегеннен кейін сейсенбі күні қайта ашылды, деп хабарлады айлақ басшылығы.",
            "«Осы аптада бітеді деп ойламадық, — дейді айлақ бастығы. — Паром ертең жүре ме?» Иә, дәл сол уақытта, сол жерден.",
            "Екінші қақпаны келесі жылы, шығанақтың оңтүстігіндегі зауыттан жаңа кран келгенде ауыстырады; ақысын сақтандыру төлейді.",
        ),
        head="Енді не болады?",
        items=("кран көктемде келеді", "жаңа айлақ жазда ашылады"),
        caption="Кешкі қақпа",
        time_zone="Asia/Almaty",
    ),
    Case(
        language="de",
        title="Hafen der Altstadt öffnet wieder",
        byline="Von Jürgen Müßig",
        author="Jürgen Müßig",
        printed="4. März 2026",
        published="2026-03-04",
        standfirst="Die Reparatur wurde ein Drittel teurer als geplant, und das zweite Tor steht noch aus.",
        text=(
            "Der Hafen der Altstadt ist am Dienstag nach zwei Tagen Arbeit am nördlichen Tor wieder geöffnet worden, so die Behörde.",
            "„Wir hätten nicht gedacht, dass es diese Woche klappt“, sagte die Hafenmeisterin. Fahren die Fähren morgen? »Ja, sicher.«",
            "Das zweite Tor wird im nächsten Jahr ersetzt, wenn der neue Kran aus der Werft im Süden der Bucht eingetroffen ist.",
        ),
        head="Wie es weitergeht",
        items=("der Kran im Frühjahr", "die Mole im Sommer"),
        caption="Das Tor am Abend",
        time_zone="Europe/Berlin",
    ),
    Case(
        language="tr",
        title="Eski şehrin limanı yeniden açıldı",
        byline="Yazan: Işıl Çağlayan",
        author="Işıl Çağlayan",
        printed="4 Mart 2026",
        published="2026-03-04",
        standfirst="Onarım planlanandan üçte bir pahalıya mal oldu, ikinci kapı ise sırasını bekliyor.",
        text=(
            "Eski şehrin limanı, kuzey kapısındaki iki günlük onarımın ardından salı günü yeniden açıldı, liman idaresi böyle duyurdu.",
            "“Bu hafta biteceğini düşünmemiştik,” dedi liman müdürü. Vapurlar yarın kalkacak mı? Evet, aynı saatte, aynı iskeleden.",
            "İkinci kapı gelecek yıl, körfezin güneyindeki tersaneden yeni vinç gelince değişecek; parasını sigorta şirketi ödeyecek.",
        ),
        head="Şimdi ne olacak?",
        items=("vinç ilkbaharda", "iskele yazın"),
        caption="Akşamüstü kapı",
        time_zone="Europe/Istanbul",
    ),
    Case(
        language="hi",
        title="पुराने शहर का बंदरगाह फिर खुला",
        byline="लेखक: सीमा वर्मा",
        author="सीमा वर्मा",
        printed="४ मार्च २०२६",
        published="2026-03-04",
        standfirst="मरम्मत पर योजना से एक तिहाई अधिक खर्च हुआ, और दूसरा फाटक अभी बाकी है।",
        text=(
            "पुराने शहर का बंदरगाह उत्तरी फाटक की दो दिन की मरम्मत के बाद मंगलवार को फिर खुल गया, बंदरगाह प्रशासन ने बताया।",
            "“हमने नहीं सोचा था कि यह इसी सप्ताह हो जाएगा,” बंदरगाह प्रमुख ने कहा। क्या नावें कल चलेंगी? हाँ, उसी समय, १२० नावें।",
            "दूसरा फाटक अगले वर्ष बदला जाएगा, जब खाड़ी के दक्षिण के कारखाने से नई क्रेन आएगी; खर्च बीमा कंपनी उठाएगी।",
        ),
        head="आगे क्या होगा?",
        items=("वसंत में क्रेन आएगी", "गर्मी में नया घाट खुलेगा"),
        caption="शाम को फाटक",
        time_zone="Asia/Kolkata",
    ),
)


def page_of(case: Case) -> Page:
    direction = "rtl" if case.language in {"ar", "he"} else "ltr"
    first, second, third = case.text
    items = "".join(f"<li>{item}</li>" for item in case.items)
    html = f"""<!doctype html><html lang="{case.language}" dir="{direction}"><head><meta charset="utf-8">
<title>{case.title}</title><meta property="og:title" content="{case.title}"></head><body>
<nav><a href="/">{case.head}</a> <a href="/x">{case.caption}</a></nav>
<article><h1>{case.title}</h1><p class="standfirst">{case.standfirst}</p>
<div class="byline">{case.byline}</div><div class="date">{case.printed}</div>
<div class="body"><figure><img src="/gate.jpg"><figcaption>{case.caption}</figcaption></figure>
<p>{first}</p><p>{second}</p><h2>{case.head}</h2><ul>{items}</ul><p>{third}</p></div></article>
<footer><p>© 2026</p></footer></body></html>"""
    return Page(
        url="https://paper.example/news/harbour-5121",
        html=html.encode(),
        date_crawled="2026-03-06T00:00:00Z",
        time_zone=case.time_zone,
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.language)
def test_a_page_of_any_language_comes_out_whole(case: Case) -> None:
    article = article_from_page(page_of(case))
    first, second, third = case.text
    assert article.paragraphs == (first, second, case.head, *(f"- {item}" for item in case.items), third)
    assert article.title == case.title
    assert article.description == case.standfirst
    assert [author.name for author in article.authors] == [case.author]
    assert same_language(article.language, case.language)
    assert "language_mismatch" not in article.flags
    assert [image.caption for image in article.images] == [case.caption]
    assert article.removed == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.language)
def test_a_printed_date_is_read_in_its_own_month_names_and_digits(case: Case) -> None:
    article = article_from_page(page_of(case))
    assert (article.date_published or "")[:10] in {case.published, "2026-03-03"}  # UTC: the day before, east of it
    assert article.date_precision == "day"
