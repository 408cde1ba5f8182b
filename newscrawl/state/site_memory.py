"""What the store remembers of the sites' lines, so that their furniture is known: see `newscrawl.clean.site_memory`.

Remembered are the newest `MAX_ARTICLES` articles of each site, with some thirty numbers for each; texts are not, only
what stays the same in a line that turned out to be furniture. Learning happens when a run ends, over all that is
remembered then, so that the order of a run's pages makes no difference (up to that bound).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from newscrawl.clean.site_memory import MIN_ARTICLES, Pattern, Sighting, Story, judge, story_of, traces
from newscrawl.state.database import repeated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from newscrawl.article import Article
    from newscrawl.clean.site_memory import Trace
    from newscrawl.state.database import Database

TABLES = (
    """
    CREATE TABLE site_stories (
        site TEXT NOT NULL,
        article INTEGER NOT NULL,                  -- hash of its id
        day TEXT NOT NULL,
        section TEXT NOT NULL,
        words BLOB NOT NULL,                       -- hashes of the title's words, 4 bytes each
        is_new INTEGER NOT NULL DEFAULT 1,         -- not yet judged with the rest of its site
        PRIMARY KEY (site, article)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX site_stories_new ON site_stories (site) WHERE is_new = 1",
    """
    CREATE TABLE site_traces (
        site TEXT NOT NULL,
        line INTEGER NOT NULL,                     -- hash of what stays the same in a line
        article INTEGER NOT NULL,
        shape INTEGER NOT NULL,                    -- kind, place, whether it is a sentence, repeats: see _shape
        PRIMARY KEY (site, line, article)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE site_patterns (
        site TEXT NOT NULL,
        line INTEGER NOT NULL,
        kind TEXT NOT NULL,
        place INTEGER NOT NULL,
        articles INTEGER NOT NULL,
        days INTEGER NOT NULL,
        sections INTEGER NOT NULL,
        example TEXT NOT NULL,                     -- what stays the same, readable; empty until it is met again
        word TEXT NOT NULL DEFAULT 'learned',      -- or an operator's: pinned, forgotten
        PRIMARY KEY (site, line)
    ) STRICT, WITHOUT ROWID
    """,
)
INDEXES = (
    # As of the signatures.
    "DROP INDEX site_stories_new",
    "CREATE INDEX site_stories_new ON site_stories (site) WHERE is_new = 1",
)
MAX_ARTICLES = 300
"""Articles of a site that are remembered: about 250 kilobytes."""
KINDS = ("line", "label", "frame")
MAX_REPEATS = 255


class SiteMemory:
    """The remembered lines of every site."""

    def __init__(self, database: Database, *, max_articles: int = MAX_ARTICLES) -> None:
        self._database = database
        self.max_articles = max_articles
        self._frozen: dict[str, dict[int, Pattern]] = {}
        self._nameless: dict[str, set[int]] = {}

    def observe(self, article: Article) -> None:
        """Remember an article's lines, instead of what was remembered of it before. Within the caller's transaction."""
        if not article.site or not article.text:
            return
        story, prepared = story_of(article), article.prepared
        is_prepared = prepared is not None and prepared.text_sha256 == article.text_sha256
        lines = prepared.lines if prepared is not None and is_prepared else lines_of(article)
        self.forget(article.site, story.article)
        self._database.execute(
            "INSERT INTO site_stories (site, article, day, section, words) VALUES (?, ?, ?, ?, ?)",
            (article.site, story.article, story.day, story.section, _packed(story.words)),
        )
        self._database.many(
            "INSERT INTO site_traces (site, line, article, shape) VALUES (?, ?, ?, ?)",
            ((article.site, key, story.article, shape) for key, shape in lines),
        )

    def forget(self, site: str, article: int) -> None:
        """Let go of what is remembered of an article, by the hash of its id."""
        known = self._database.execute("DELETE FROM site_stories WHERE site = ? AND article = ?", (site, article))
        if known:
            self._database.execute("DELETE FROM site_traces WHERE site = ? AND article = ?", (site, article))

    def patterns(self, site: str) -> Mapping[int, Pattern]:
        """The furniture of a site as known when it was first asked for, or last learned: a run sees one state of it."""
        if site not in self._frozen:
            self._frozen[site] = {each.key: each for each in self.listed(site)}
        return self._frozen[site]

    def new_sites(self) -> tuple[str, ...]:
        """Sites with articles that nothing was learned from yet; of a killed run, too."""
        return tuple(each for (each,) in self._database.rows("SELECT DISTINCT site FROM site_stories WHERE is_new = 1"))

    @repeated
    def learn(self, site: str) -> bool:
        """Judge everything that is remembered of a site anew; whether it has furniture that was not known before.

        What an operator pinned or forgot stays as it is. What was learned stays known when its articles are
        forgotten with time, and goes when the articles that are remembered speak against it.
        """
        with self._database.transaction():
            self._bound(site)
            self._database.execute("UPDATE site_stories SET is_new = 0 WHERE site = ? AND is_new = 1", (site,))
            before = {each.key: each.word for each in self.listed(site)}
            is_new = False
            for key, pattern in self._judged(site).items():
                if pattern is not None:
                    self._put(site, pattern, before.get(key, "learned"))
                    is_new = is_new or key not in before
                elif before.get(key) == "learned":
                    self._database.execute("DELETE FROM site_patterns WHERE site = ? AND line = ?", (site, key))
        self._frozen.pop(site, None)
        self._nameless.pop(site, None)
        return is_new

    def nameless(self, site: str) -> set[int]:
        """The keys of a site's patterns that have no readable example yet; read once, until something is learned."""
        if site not in self._nameless:
            self._nameless[site] = {each.key for each in self.listed(site) if not each.example}
        return self._nameless[site]

    def name(self, site: str, seen: Iterable[Trace]) -> None:
        """Give the patterns among these traces their readable example, if they have none."""
        nameless = self.nameless(site)
        for trace in seen:
            if trace.key in nameless:
                nameless.discard(trace.key)
                self._database.execute(
                    "UPDATE site_patterns SET example = ? WHERE site = ? AND line = ? AND example = ''",
                    (trace.example, site, trace.key),
                )

    def listed(self, site: str) -> tuple[Pattern, ...]:
        """Every pattern of a site, the most frequent first."""
        query = """
            SELECT line, kind, place, articles, days, sections, example, word FROM site_patterns
            WHERE site = ? ORDER BY articles DESC, line
        """
        names = ("key", "kind", "place", "articles", "days", "sections", "example", "word")
        return tuple(Pattern(**dict(zip(names, row, strict=True))) for row in self._database.rows(query, (site,)))

    def sites(self) -> tuple[tuple[str, int, int], ...]:
        """(site, remembered articles, patterns) of every site."""
        query = """
            SELECT site, count(*), (
                SELECT count(*) FROM site_patterns AS p WHERE p.site = s.site AND p.word <> 'forgotten'
            ) FROM site_stories AS s GROUP BY site ORDER BY site
        """
        return tuple(self._database.rows(query))

    def say(self, site: str, key: int, word: str) -> bool:
        """Set a pattern's word, `pinned`, `forgotten`, or `learned` again; whether there is such a pattern."""
        changed = self._database.execute(
            "UPDATE site_patterns SET word = ? WHERE site = ? AND line = ?", (word, site, key)
        )
        self._frozen.pop(site, None)
        return bool(changed)

    def pin(self, site: str, trace: Trace) -> None:
        """An operator says that a line is furniture, which nobody has learned."""
        pattern = Pattern(
            key=trace.key, kind=trace.kind, place=trace.place, articles=0, days=0, sections=0, example=trace.example
        )
        self._put(site, pattern, "pinned")
        self._frozen.pop(site, None)

    def _put(self, site: str, pattern: Pattern, word: str) -> None:
        self._database.execute(
            "INSERT INTO site_patterns (site, line, kind, place, articles, days, sections, example, word) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (site, line) DO UPDATE SET place = excluded.place, "
            "articles = excluded.articles, days = excluded.days, sections = excluded.sections, word = excluded.word",
            (
                site,
                pattern.key,
                pattern.kind,
                pattern.place,
                pattern.articles,
                pattern.days,
                pattern.sections,
                pattern.example,
                word,
            ),
        )

    def _stories(self, site: str) -> dict[int, Story]:
        rows = self._database.rows("SELECT article, day, section, words FROM site_stories WHERE site = ?", (site,))
        return {row[0]: Story(article=row[0], day=row[1], section=row[2], words=_unpacked(row[3])) for row in rows}

    def _judged(self, site: str) -> dict[int, Pattern | None]:
        """Every line that was seen often enough to be judged; None: it is no furniture."""
        query = """
            SELECT line, article, shape FROM site_traces WHERE site = ? AND line IN
                (SELECT line FROM site_traces WHERE site = ? GROUP BY line HAVING count(*) >= ?)
        """
        stories = self._stories(site)
        groups: dict[tuple[int, str], list[Sighting]] = {}
        for line, article, shape in self._database.rows(query, (site, site, MIN_ARTICLES)):
            kind, place, is_sentence, repeats = _read_shape(shape)
            groups.setdefault((line, kind), []).append(Sighting(stories[article], place, is_sentence, repeats))
        return {
            line: judge(Pattern(key=line, kind=kind), sightings, stories) for (line, kind), sightings in groups.items()
        }

    def _bound(self, site: str) -> None:
        """Forget the oldest articles beyond the bound."""
        query = "SELECT article FROM site_stories WHERE site = ? ORDER BY day DESC, article"
        for (article,) in list(self._database.rows(query, (site,)))[self.max_articles :]:
            self.forget(site, article)


def lines_of(article: Article) -> tuple[tuple[int, int], ...]:
    """Key and shape of each line of an article, as they are remembered."""
    return tuple((trace.key, _shape(trace)) for trace in traces(article))


def _shape(trace: Trace) -> int:
    repeats = min(trace.repeats, MAX_REPEATS)
    return KINDS.index(trace.kind) | trace.place << 2 | trace.is_sentence << 5 | repeats << 6


def _read_shape(shape: int) -> tuple[str, int, bool, int]:
    return KINDS[shape & 3], shape >> 2 & 7, bool(shape >> 5 & 1), shape >> 6


def _packed(words: frozenset[int]) -> bytes:
    return struct.pack(f"<{len(words)}I", *sorted(words))


def _unpacked(data: bytes) -> frozenset[int]:
    return frozenset(struct.unpack(f"<{len(data) // 4}I", data))
