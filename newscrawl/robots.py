"""robots.txt as RFC 9309 has it: which rule decides on an address, what delay is asked for, which sitemaps are named.

Written out here, and not left to a library, for two reasons: the record names the rule that allowed a fetch, which
none reports, and a hostile file must cost no more than its size (thousands of user agents times thousands of rules
are gigabytes where every group keeps its own rules). Only the rules that concern one crawler are kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 500 * 1024
"""RFC 9309 asks for at least this much; what comes after it is not read."""
MAX_SITEMAPS = 100
MAX_USAGES = 1_000
MAX_USAGE_CHARS = 500
MAX_CRAWL_DELAY_S = 60.0
"""A longer delay would leave a site uncrawled for its whole run; what is meant by it is Disallow."""

_LINE = re.compile(r"\r\n?|\n")
_PRODUCT = re.compile(r"[\w-]+")
_OWN_PRODUCT = re.compile(r"(?:\A|(?<=[\s(;]))([A-Za-z_-]+)(?=/\d|\Z)|\A([\w-]+)")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_DELAY = re.compile(r"\d{1,6}(?:\.\d{1,6})?", re.ASCII)
_STARS = re.compile(r"\*+")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_QUOTED = "%/?#[]@!$&'()*+,;=:"
# Publishers who misspell it mean it all the same.
_DISALLOW = frozenset(("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"))
_FIELDS = {
    "user-agent": "user-agent",
    "useragent": "user-agent",
    "user agent": "user-agent",
    "allow": "allow",
    **dict.fromkeys(_DISALLOW, "disallow"),
    "crawl-delay": "crawl-delay",
    "sitemap": "sitemap",
    "license": "license",
    "content-usage": "content-usage",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One Allow or Disallow line of the group that concerns the crawler."""

    agent: str
    """The user agent its group names, as printed."""
    allow: bool
    path: str
    """As printed, with ``*`` and a final ``$``."""
    pattern: str
    """The path with its percent-encoding normalised: what is compared."""

    def __str__(self) -> str:
        return f"User-agent: {self.agent}; {'Allow' if self.allow else 'Disallow'}: {self.path}"

    def matches(self, path: str) -> bool:
        """Whether the rule speaks of this path (with query); linear in both lengths but for repeated searches."""
        anchored = self.pattern.endswith("$")
        first, *rest = (self.pattern[:-1] if anchored else self.pattern).split("*")
        if not path.startswith(first):
            return False
        if not rest:
            return not anchored or path == first
        position = len(first)
        for part in rest[:-1]:
            if (found := path.find(part, position)) < 0:
                return False
            position = found + len(part)
        if anchored:
            return len(path) - len(rest[-1]) >= position and path.endswith(rest[-1])
        return path.find(rest[-1], position) >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """One robots.txt, read for one crawler."""

    rules: tuple[Rule, ...] = ()
    """Longest pattern first, Allow before Disallow: the first that matches decides."""
    crawl_delay_s: float | None = None
    """At most 60."""
    sitemaps: tuple[str, ...] = ()
    """Absolute http(s) URLs in the order printed, at most 100."""
    licenses: tuple[str, ...] = ()
    """Absolute http(s) URLs of RSL licences (rslstandard.org: ``License:`` concerns every crawler), at most 100."""
    usages: tuple[tuple[Rule, str], ...] = ()
    """``Content-Usage`` rules (draft-ietf-aipref-attach), longest pattern first, each with its preference, raw."""

    def content_usage(self, url: str) -> str | None:
        """The usage preference that is stated for the address, raw."""
        path = path_of(url)
        return next((preference for rule, preference in self.usages if rule.matches(path)), None)

    def deciding_rule(self, url: str) -> Rule | None:
        """The rule that speaks of the address; None when none does, which allows it."""
        if not self.rules:
            return None
        path = path_of(url)
        if path == "/robots.txt":
            return None
        return next((rule for rule in self.rules if rule.matches(path)), None)


def product_tokens(user_agent: str) -> frozenset[str]:
    """The names, in lower case, that a ``User-Agent`` header (or a single token) gives a crawler.

    Its first word, and every ``name/1.0`` that is a product and no part of an address.
    """
    return frozenset(word.lower() for match in _OWN_PRODUCT.finditer(user_agent) for word in match.groups() if word)


def path_rule(agent: str, path: str, *, allow: bool = True) -> Rule:
    """A rule for a path as robots.txt writes it, with ``*`` and a final ``$``."""
    return Rule(agent=agent, allow=allow, path=path, pattern=_STARS.sub("*", _normalised(path)))


def cut_body(body: bytes) -> bytes:
    """The first 500 KiB of a body, cut at a line end so that half a rule is never obeyed for a whole one."""
    if len(body) <= MAX_BYTES:
        return body
    head = body[:MAX_BYTES]
    return head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1]


def read_robots(text: str, user_agent: str, base_url: str) -> Robots:
    """Read a robots.txt for the crawler whose ``User-Agent`` header or product token is ``user_agent``.

    The groups of the longest of its product tokens count, else those of ``*``. Time and memory are linear in the text.
    Never raises.
    """
    words = product_tokens(user_agent)
    groups: dict[str, _Group] = {}
    current: list[_Group] = []
    named: dict[str, list[str]] = {"sitemap": [], "license": []}
    naming = False  # the line before named a user agent too: this one joins its group
    for name, value in _fields(text):
        if name in named:
            named[name].append(value)
        elif name == "user-agent":
            if not naming:
                current = []
            naming = True
            product = _product(value)
            if product == "*" or product in words:
                group = groups.setdefault(product, _Group(agent=value))
                if group not in current:
                    current.append(group)
        else:
            naming = False
            for group in current:
                group.lines.append((name, value))
    chosen = groups[max(groups, key=lambda name: (name != "*", len(name)))] if groups else _Group(agent="*")
    return Robots(
        rules=_rules(chosen),
        crawl_delay_s=_crawl_delay_s(chosen),
        sitemaps=_web_addresses(named["sitemap"], base_url),
        licenses=_web_addresses(named["license"], base_url),
        usages=_usages(chosen),
    )


@dataclass(slots=True, eq=False)
class _Group:
    """The lines of all groups of one user agent."""

    agent: str
    lines: list[tuple[str, str]] = field(default_factory=list)


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """The lines that are a known field and a value; ``Disallow /x`` without its colon is understood too."""
    for line in _LINE.split(text.removeprefix("\ufeff")):
        bare = line.partition("#")[0].strip()
        name, colon, value = bare.partition(":")
        known = _FIELDS.get(name.strip().lower()) if colon else None
        if known is None:
            name, value = (*bare.split(None, 1), "", "")[:2]
            known = _FIELDS.get(name.lower())
        if known is not None:
            yield known, value.strip()
        elif colon:
            yield "", ""  # a field of someone else's: it ends a run of user agents like any other


def _product(value: str) -> str:
    """The product token of a user-agent line, lower case: ``NewsCrawl/1.0`` is ``newscrawl``."""
    if value.startswith("*"):
        return "*"
    match = _PRODUCT.match(value)
    return match[0].lower() if match else ""


def _rules(group: _Group) -> tuple[Rule, ...]:
    rules = {
        path_rule(group.agent, value, allow=name == "allow")
        for name, value in group.lines
        if name in {"allow", "disallow"} and value
    }
    return tuple(sorted(rules, key=lambda rule: (-len(rule.pattern), not rule.allow, rule.path)))


def _usages(group: _Group) -> tuple[tuple[Rule, str], ...]:
    """``Content-Usage: [path] preference``; without a path it is of everything."""
    usages = []
    for name, value in group.lines:
        if name == "content-usage" and value:
            path, _, preference = value.partition(" ") if value[0] in "/*" else ("/", "", value)
            if preference := preference.strip()[:MAX_USAGE_CHARS]:
                usages.append((path_rule(group.agent, path), preference))
    return tuple(sorted(usages[:MAX_USAGES], key=lambda usage: -len(usage[0].pattern)))


def _crawl_delay_s(group: _Group) -> float | None:
    """The longest delay of the group that is a number, in seconds, at most 60."""
    delays = [float(value) for name, value in group.lines if name == "crawl-delay" and _DELAY.fullmatch(value)]
    return min(max(delays), MAX_CRAWL_DELAY_S) if delays else None


def _web_addresses(values: list[str], base_url: str) -> tuple[str, ...]:
    addresses: dict[str, None] = {}
    for value in values:
        try:
            address = urljoin(base_url, value)
            scheme = urlsplit(address).scheme
        except ValueError:
            continue
        if scheme in {"http", "https"}:
            addresses[address] = None
        if len(addresses) == MAX_SITEMAPS:
            break
    return tuple(addresses)


def path_of(url: str) -> str:
    """Path and query of an address as rules are compared with it."""
    rest = url.partition("#")[0].partition("://")[2]
    start = min((place for place in (rest.find("/"), rest.find("?")) if place >= 0), default=len(rest))
    path = _normalised(rest[start:])
    return path if path.startswith("/") else f"/{path}"


def _normalised(path: str) -> str:
    """Percent-encoding in one form: unreserved characters plain, the rest of the escapes upper-case, others encoded."""
    return quote(_ESCAPE.sub(_unescaped, path), safe=_QUOTED + "~", errors="replace")


def _unescaped(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()
