"""Which IP addresses and ports the crawler may open a connection to.

Pages, feeds, sitemaps and redirects name hosts, and a host may resolve to anything: a metadata service, a router, a
database on the crawler's own machine. So the question is asked of the *resolved* address, at the moment of the
connection (`newscrawl.middlewares.guard`), and answered here: only addresses that are reachable from the whole
internet, and only the ports that the web uses. Forms that wrap an IPv4 address in an IPv6 one are refused whatever
they wrap: no news site is published under them, and each is a way around a check of the inner address.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TypeAlias

from newscrawl.errors import ConfigError

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

WEB_PORTS = (80, 443)
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")

# The first network that holds an address names it, so the narrower ones stand first.
_NOT_PUBLIC = tuple(
    (ipaddress.ip_network(network), words)
    for network, words in (
        ("0.0.0.0/32", "the unspecified address"),
        ("0.0.0.0/8", "an address of this network (0/8)"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "a carrier NAT address"),
        ("127.0.0.0/8", "a loopback address"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.0.2.0/24", "a documentation address"),
        ("192.88.99.0/24", "a 6to4 relay address"),
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "a benchmarking address"),
        ("198.51.100.0/24", "a documentation address"),
        ("203.0.113.0/24", "a documentation address"),
        ("224.0.0.0/4", "a multicast address"),
        ("255.255.255.255/32", "the broadcast address"),
        ("240.0.0.0/4", "a reserved address"),
        ("::/128", "the unspecified address"),
        ("::1/128", "a loopback address"),
        ("::ffff:0:0/96", "an IPv4-mapped address"),
        ("::/96", "an IPv4-compatible address"),
        ("::ffff:0:0:0/96", "an IPv4-translated address"),
        ("64:ff9b::/96", "a NAT64 address"),
        ("64:ff9b:1::/48", "a NAT64 address"),
        ("100::/64", "a discard address"),
        ("2001::/32", "a Teredo address"),
        ("2001:db8::/32", "a documentation address"),
        ("2001::/23", "a reserved address"),
        ("2002::/16", "a 6to4 address"),
        ("3fff::/20", "a documentation address"),
        ("fc00::/7", "a unique-local address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a site-local address"),
        ("ff00::/8", "a multicast address"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedAddresses:
    """The host:port pairs an operator lets through although they are not public: intranets, tests."""

    pairs: frozenset[tuple[str, int | None]] = frozenset()
    """(host or IP address in its shortest form, port); a port of None is every port."""

    @classmethod
    def parse(cls, text: str, name: str = "NEWSCRAWL_ALLOW_ADDRESSES") -> AllowedAddresses:
        """Read ``"127.0.0.1:8808,[fd00::1]:80,intranet.example:*"``; an empty text allows nothing more.

        Raises:
            ConfigError: names the setting and the entry that is not ``host:port`` or ``host:*``.
        """
        entries = (entry.strip() for entry in text.split(","))
        return cls(pairs=frozenset(_pair(entry, name) for entry in entries if entry))

    def allows(self, host: str, port: int) -> bool:
        """Whether an entry names this host or IP address with this port or every port."""
        folded = _folded(host)
        return (folded, port) in self.pairs or (folded, None) in self.pairs


def refusal(ip: str, port: int, host: str, allowed: AllowedAddresses) -> str | None:
    """Why a connection to ``ip``, which ``host`` resolved to, must not be made, in words; None: it may be made.

    ``host`` is the name as the URL has it: an allowed host may resolve to any address, and an allowed address may be
    reached under any name.
    """
    if allowed.allows(host, port) or allowed.allows(ip, port):
        return None
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return f"{ip!r}, which {host} resolves to, is not an IP address"
    if (kind := _kind(address)) is not None:
        return f"{ip} is {kind}" if _folded(host) == _folded(ip) else f"{host} resolves to {ip}, {kind}"
    if port not in WEB_PORTS:
        return f"port {port} of {host} is neither 80 nor 443"
    return None


def _kind(address: IPAddress) -> str | None:
    """What an address that is not public is; None for a public one."""
    for network, words in _NOT_PUBLIC:
        if address.version == network.version and address in network:
            return words
    if isinstance(address, ipaddress.IPv6Address) and address not in GLOBAL_UNICAST:
        return "not a global address"
    return None


def _pair(entry: str, name: str) -> tuple[str, int | None]:
    host, colon, port = entry.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not bare or (":" in bare and bare == host) or any(c in bare for c in "/@[] "):
        raise ConfigError(f"{name}: {entry!r} is not host:port (an IPv6 address stands in brackets; * is every port)")
    if port == "*":
        return _folded(bare), None
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise ConfigError(f"{name}: {entry!r} has no port between 1 and 65535 (* is every port)")
    return _folded(bare), int(port)


def _folded(host: str) -> str:
    """A host in the one form that is compared: lower case, no final dot, IP addresses in their shortest form."""
    plain = host.lower().removesuffix(".").removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(plain))
    except ValueError:
        return plain
