"""Why a page came out as it did: every line kept or not, every field with its candidates, and the decision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newscrawl.article import Article, Removed
from newscrawl.clean import clean
from newscrawl.errors import ArticleRejected, Outcome
from newscrawl.extract import gate
from newscrawl.extract.article import read_page
from newscrawl.extract.candidates import Candidate, FieldEvidence, read_candidates
from newscrawl.extract.names import site_names
from newscrawl.extract.places import NOWHERE, Sight, see
from newscrawl.extract.prune import drop, prune
from newscrawl.extract.stated import Stated
from newscrawl.extract.text import read_text
from newscrawl.extract.title import stated_titles
from newscrawl.extract.tree import parse_page
from newscrawl.refine import URN_PREFIX, refine
from newscrawl.report.explain_lines import Line, page_lines, text_lines
from newscrawl.text.language import detect_language
from newscrawl.urls import normalise_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.html import HtmlElement

    from newscrawl.article import Page, RemovedLine
    from newscrawl.extract.options import ExtractOptions
    from newscrawl.refine import RefineOptions


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is short to say."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All there is to say of one page, text or stored article. JSON-native."""

    url: str
    outcome: str
    """One of `Outcome`; of a stored article `article`, or its status when that is not ok."""
    reason: str | None
    """Why there is no article."""
    facts: tuple[Fact, ...]
    """Of an article its id, words, flags and the like; of a refused page what the gate saw on it."""
    lines: tuple[Line, ...]
    """The page from top to bottom."""
    fields: tuple[FieldEvidence, ...]


def explain_page(page: Page, extract: ExtractOptions, refining: RefineOptions) -> Explanation:
    """Extract, clean and refine a page, and keep what was seen on the way."""
    address = page.url
    if address.startswith(URN_PREFIX):  # a saved page whose address nobody knows
        page = replace(page, url=f"{NOWHERE}saved.html")
    try:
        gate.check_bytes(page)
        tree = parse_page(page, extract)
    except ArticleRejected as rejected:
        return _refused(address, rejected)
    if tree is None:
        return _refused(address, ArticleRejected(Outcome.NO_TEXT, address, f"no element in {len(page.html)} bytes"))
    sight = see(tree.root, page)
    article, rejected_as = _article(page, address, extract, refining)
    if article is None:
        article = _unread(sight, extract)
    declared = read_candidates(sight, {} if rejected_as else _results(article))
    return Explanation(
        url=address,
        outcome=str(rejected_as.outcome if rejected_as else Outcome.ARTICLE),
        reason=rejected_as.reason if rejected_as else None,
        facts=_seen_by_gate(sight) if rejected_as else _facts(article),
        lines=page_lines(sight, article, _left_by_prune(sight, extract), is_refused=rejected_as is not None),
        fields=tuple(_with_detection(field, article) for field in declared),
    )


def explain_text(article: Article, refining: RefineOptions) -> Explanation:
    """Clean a text that came without a page, and keep what was taken out."""
    try:
        refined = refine(article, refining)
    except ArticleRejected as rejected:
        seen = article if rejected.outcome is Outcome.TOO_LARGE else clean(article)
        lines = text_lines(seen, is_refused=True)
        return replace(_refused(article.url, rejected), lines=lines)
    return _of_record(refined, {})


def explain_stored(article: Article, removed: tuple[RemovedLine, ...]) -> Explanation:
    """A stored article: its text with what was taken out in its place, and where its values came from, so far as known.

    The page itself is not kept, so the other candidates of a field are not known any more.
    """
    cut = tuple(sorted(removed, key=lambda line: line.place))
    whole = replace(article, removed=tuple(_removed(line) for line in cut))
    evidence = {"date_published": (article.date_source or "page", article.date_evidence or "")}
    return _of_record(whole, evidence)


def explain_refusal(rejected: ArticleRejected) -> Explanation:
    """An address or a record of an archive that held no page to read."""
    return _refused(rejected.url, rejected)


def _refused(url: str, rejected: ArticleRejected) -> Explanation:
    outcome, reason = str(rejected.outcome), rejected.reason
    return Explanation(url=url, outcome=outcome, reason=reason, facts=(), lines=(), fields=())


def _article(
    page: Page, address: str, extract: ExtractOptions, refining: RefineOptions
) -> tuple[Article | None, ArticleRejected | None]:
    """The refined article; of one that cleaning left too little of, the cleaned one; and why it was refused."""
    try:
        article = read_page(page, extract).article
    except ArticleRejected as rejected:
        return None, rejected
    if address.startswith(URN_PREFIX):
        article = replace(article, url=address, url_canonical=None, site="")
    try:
        return refine(article, refining), None
    except ArticleRejected as rejected:
        # What is too large to work on is not worked on here either.
        return article if rejected.outcome is Outcome.TOO_LARGE else clean(article), rejected


def _unread(sight: Sight, extract: ExtractOptions) -> Article:
    """What extraction takes for the text of a page that the gate refuses."""
    tree = parse_page(sight.page, extract)
    if tree is None:
        return Article(url=sight.page.url)
    fresh = see(tree.root, sight.page)
    _prune(fresh)
    return clean(Article(url=sight.page.url).with_paragraphs(read_text(fresh.root, fresh.layout, fresh.jsonld)))


def _left_by_prune(sight: Sight, extract: ExtractOptions) -> HtmlElement | None:
    """The page without its furniture: what of it is not in the text, trafilatura left out."""
    tree = parse_page(sight.page, extract)
    if tree is None:
        return None
    fresh = see(tree.root, sight.page)
    _prune(fresh)
    return fresh.root


def _prune(fresh: Sight) -> None:
    layout = fresh.layout
    prune(fresh.root, layout)
    for element in (layout.standfirst, *layout.bylines, *layout.datelines, *layout.repeats, layout.heading):
        if element is not None:
            drop(element)


def _results(article: Article) -> dict[str, str | None]:
    """The fields of the record that have candidates."""
    return {
        "title": article.title,
        "authors": ", ".join(author.name for author in article.authors) or None,
        "date_published": article.date_published,
        "date_modified": article.date_modified,
        "language": article.language,
        "description": article.description,
        "section": article.section,
        "access": None if article.access == "unknown" else article.access,
        "image": article.images[0].url if article.images else None,
        "url_canonical": article.url_canonical,
        "publisher": article.publisher,
    }


def _with_detection(field: FieldEvidence, article: Article) -> FieldEvidence:
    """The language is read from the text, too, and the text wins where it is long enough."""
    if field.name != "language" or not article.text:
        return field
    detected = detect_language(f"{article.title or ''}\n{article.text}")
    overruled = "language_mismatch" in article.flags or not any(one.is_winner for one in field.candidates)
    said = Candidate(
        place="detected in the text",
        raw=f"{article.word_count} words" if article.word_count else "the text",
        value=detected,
        is_winner=overruled and detected is not None,
        why=_detected_why(detected, field.value, overruled=overruled),
    )
    declared = tuple(map(_overruled, field.candidates)) if overruled else field.candidates
    return replace(field, candidates=(*declared, said))


def _overruled(declared: Candidate) -> Candidate:
    if declared.value is None:
        return declared
    return replace(declared, is_winner=False, why="not used: the text is in another language")


def _detected_why(detected: str | None, declared: str | None, *, overruled: bool) -> str:
    if detected is None:
        return "too short, or not sure"
    if overruled:
        return "chosen"
    return "agrees" if declared and declared.split("-")[0] == detected.split("-")[0] else "not used: too few words"


def _facts(article: Article) -> tuple[Fact, ...]:
    facts = (
        Fact("id", article.id),
        Fact("words", str(article.word_count)),
        Fact("type", article.article_type or ""),
        Fact("flags", ", ".join(article.flags)),
        Fact("licence", article.license or ""),
        Fact("crawled", article.date_crawled),
        Fact("extractor", " ".join((article.extractor.name, article.extractor.version, article.extractor.config))),
    )
    return tuple(fact for fact in facts if fact.value)


def _seen_by_gate(sight: Sight) -> tuple[Fact, ...]:
    """The signs that the gate weighs, in words."""
    said = Stated(url=normalise_url(sight.page.url), head=sight.head, jsonld=sight.jsonld, hint=sight.page.hint)
    titles = stated_titles(sight.head, sight.jsonld, sight.h1s, site_names(said)).all()
    seen = gate.weigh(sight.root, said, titles, len(sight.page.html))
    return (
        Fact("links to articles", "not counted" if seen.has_article_url else str(len(seen.headlines))),
        Fact("declares an article", _yes(seen.is_declared)),
        Fact("states a date", _yes(seen.is_dated)),
        Fact("declares a list", _yes(seen.is_declared_list)),
        Fact("address of a list", _yes(seen.has_list_url)),
        Fact("address of an article", _yes(seen.has_article_url)),
        Fact("error page", seen.not_found or "no sign"),
        Fact("needs JavaScript", seen.javascript or "no sign"),
        Fact("bytes of HTML", str(seen.html_bytes)),
    )


def _yes(sign: bool) -> str:
    return "yes" if sign else "no"


def _removed(line: RemovedLine) -> Removed:
    return Removed(place=line.place, text=line.text, rule=line.rule, why=line.why)


def _of_record(article: Article, evidence: Mapping[str, tuple[str, str]]) -> Explanation:
    """An article without its page: one candidate for each value, from where the record says."""
    fields = tuple(
        FieldEvidence(name=name, value=value, candidates=_from_record(value, evidence.get(name)))
        for name, value in _results(article).items()
    )
    is_ok = article.status == "ok"
    stored = (
        Fact("revision", f"{article.revision}, {article.revision_cause}"),
        Fact("changed", ", ".join(article.changes)),
        Fact("found by", article.discovered_via),
        Fact("run", article.run_id),
        Fact("page", "not kept, so other candidates of the fields are not known"),
    )
    return Explanation(
        url=article.url,
        outcome=str(Outcome.ARTICLE) if is_ok else article.status,
        reason=None if is_ok else "its text is withdrawn",
        facts=(*_facts(article), *(fact for fact in stored if article.run_id and fact.value)),
        lines=text_lines(article),
        fields=fields,
    )


def _from_record(value: str | None, evidence: tuple[str, str] | None) -> tuple[Candidate, ...]:
    if value is None or evidence is None:
        return ()
    place, raw = evidence
    return (Candidate(place=place, raw=raw, value=value, is_winner=True, why="chosen"),)
