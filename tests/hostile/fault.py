"""What a fault is: something hostile that becomes a site with honest neighbours. `faults` has them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import honest
from hostile_server import Answer, Asked, Site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hostile_server import Page

Check: TypeAlias = Callable[[dict[str, Any]], None]

FOLDER = "/2026/11/19/"
NEIGHBOURS = 2
NOTHING = "nothing"
"""Stands among the outcomes of an address that need not be looked at."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way to be hostile, and what must come of it."""

    name: str
    why: str
    pages: Mapping[str, Page]
    """What the site serves besides, or instead of, what an honest one does."""
    listed: tuple[str, ...]
    """Addresses of the feed besides the neighbours: paths of the site, or URLs."""
    outcomes: frozenset[str]
    """What may become of each listed address."""
    check: Check | None
    """Looks at each article that came of a listed path."""
    keeps_neighbours: bool
    """The honest articles of the same site are stored too."""
    otherwise: Callable[[Asked], Answer | None]
    exit_codes: frozenset[int]
    max_requests: int
    """More than this of one site is a trap that was walked into."""

    def site(self, number: int) -> Site:
        """The fault's site; ``number`` tells its address and neighbours from those of others."""
        address = f"127.0.{10 + number // 200}.{number % 200 + 1}"
        neighbours = neighbours_of(number)

        def rss(asked: Asked) -> Answer:
            listed = [(path.replace("{port}", asked.host.partition(":")[2]), self.name) for path in self.listed]
            return Answer(
                body=honest.feed(asked.url, [*((one.path, one.title) for one in neighbours), *listed]),
                type="application/rss+xml",
            )

        pages: dict[str, Page] = {
            "/robots.txt": Answer(body=b"User-agent: *\nDisallow: /login\n", type="text/plain"),
            "/": Answer(body=honest.home(f"The {self.name} news")),
            "/rss.xml": rss,
            "/login": Answer(body=honest.page("Log in", honest.prose("login", 3))),
            **{one.path: lambda asked, one=one: Answer(body=one.html(asked.url)) for one in neighbours},
            **self.pages,
        }
        return Site(address=address, pages=pages, otherwise=self.otherwise)


FAULTS: dict[str, Fault] = {}


def neighbours_of(number: int) -> list[honest.Honest]:
    """The honest articles of the site of a fault."""
    return [honest.Honest(number=1000 + NEIGHBOURS * number + n) for n in range(NEIGHBOURS)]


def path_of(name: str) -> str:
    """Where the page of a fault is."""
    return f"{FOLDER}the-page-of-{name.replace('_', '-')}"


def page_fault(name: str, why: str, page: Page, *outcomes: str, check: Check | None = None, **more: Any) -> None:
    """One page that is hostile, listed in the feed of an honest site."""
    path = path_of(name)
    more.setdefault("listed", (path,))
    _add(name, why, outcomes, check, pages={path: page, **more.pop("pages", {})}, **more)


def site_fault(name: str, why: str, pages: Mapping[str, Page], *outcomes: str, **more: Any) -> None:
    """A site whose robots.txt, feed, sitemap or structure is hostile."""
    _add(name, why, outcomes, more.pop("check", None), pages=pages, **more)


def _add(name: str, why: str, outcomes: tuple[str, ...], check: Check | None, **more: Any) -> None:
    assert name not in FAULTS
    defaults: dict[str, Any] = {
        "listed": (),
        "keeps_neighbours": True,
        "otherwise": lambda _: None,
        "exit_codes": frozenset({0}),
        "max_requests": 60,
    }
    FAULTS[name] = Fault(name=name, why=why, outcomes=frozenset(outcomes), check=check, **(defaults | more))


def expects(**fields: object) -> Check:
    """A check that an article has these fields; a callable is asked about the value."""

    def check(article: dict[str, Any]) -> None:
        for name, wanted in fields.items():
            value = article[name]
            assert wanted(value) if callable(wanted) else value == wanted, f"{name}: {value!r}"

    return check


@dataclass(frozen=True)
class holds:  # noqa: N801 - reads as a verb where it is used
    """Asks whether a value holds these strings and not those."""

    those: tuple[str, ...]
    but_not: tuple[str, ...] = field(default=())

    def __call__(self, value: object) -> bool:
        return all(one in str(value) for one in self.those) and not any(one in str(value) for one in self.but_not)
