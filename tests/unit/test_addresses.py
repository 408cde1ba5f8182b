from __future__ import annotations

import ipaddress
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newscrawl.addresses import AllowedAddresses, refusal
from newscrawl.errors import ConfigError

NOTHING = AllowedAddresses()

NOT_PUBLIC = {
    "0.0.0.0": "the unspecified address",
    "0.1.2.3": "this network",
    "10.0.0.1": "private",
    "100.64.0.1": "carrier NAT",
    "100.127.255.255": "carrier NAT",
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "169.254.169.254": "link-local",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.0.0.8": "reserved",
    "192.0.2.1": "documentation",
    "192.88.99.1": "6to4 relay",
    "192.168.1.1": "private",
    "198.18.0.1": "benchmarking",
    "198.19.255.255": "benchmarking",
    "198.51.100.7": "documentation",
    "203.0.113.9": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "the unspecified address",
    "::1": "loopback",
    "::ffff:127.0.0.1": "IPv4-mapped",
    "::ffff:93.184.216.34": "IPv4-mapped",
    "::7f00:1": "IPv4-compatible",
    "::ffff:0:7f00:1": "IPv4-translated",
    "64:ff9b::7f00:1": "NAT64",
    "64:ff9b:1::1": "NAT64",
    "100::1": "discard",
    "2001::1": "Teredo",
    "2001:10::1": "reserved",
    "2001:db8::1": "documentation",
    "2002:7f00:1::": "6to4",
    "3fff::1": "documentation",
    "4000::1": "not a global address",
    "fd00::1": "unique-local",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
}
PUBLIC = ("1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1")


@pytest.mark.parametrize(("ip", "words"), NOT_PUBLIC.items())
def test_an_address_that_is_not_public_is_refused_in_words(ip: str, words: str) -> None:
    reason = refusal(ip, 80, "news.example", NOTHING)
    assert reason is not None
    assert words in reason
    assert "news.example" in reason
    assert ip in reason


@pytest.mark.parametrize("ip", PUBLIC)
@pytest.mark.parametrize("port", [80, 443])
def test_a_public_address_may_be_reached_on_the_ports_of_the_web(ip: str, port: int) -> None:
    assert refusal(ip, port, "news.example", NOTHING) is None


@pytest.mark.parametrize("port", [0, 22, 25, 6379, 8080, 8443])
def test_other_ports_are_refused_unless_allowed(port: int) -> None:
    assert refusal("1.1.1.1", port, "news.example", NOTHING) == f"port {port} of news.example is neither 80 nor 443"


def test_a_literal_address_is_named_once() -> None:
    assert refusal("127.0.0.1", 80, "127.0.0.1", NOTHING) == "127.0.0.1 is a loopback address"


@pytest.mark.parametrize(
    ("entries", "ip", "port", "host"),
    [
        ("127.0.0.1:8808", "127.0.0.1", 8808, "127.0.0.1"),
        ("127.0.0.1:8808", "127.0.0.1", 8808, "localhost"),
        (" Intranet.Example:80 , 10.0.0.1:1", "10.1.2.3", 80, "intranet.example."),
        ("localhost:*", "127.0.0.1", 5, "LOCALHOST"),
        ("[::1]:8080", "::1", 8080, "::1"),
        ("[0:0::1]:8080", "::1", 8080, "anything"),
        ("news.example:8080", "1.1.1.1", 8080, "news.example"),
    ],
)
def test_an_allowed_pair_is_let_through(entries: str, ip: str, port: int, host: str) -> None:
    assert refusal(ip, port, host, AllowedAddresses.parse(entries)) is None


@pytest.mark.parametrize(
    ("ip", "port", "host"),
    [("127.0.0.1", 8809, "127.0.0.1"), ("127.0.0.2", 8808, "127.0.0.2"), ("10.0.0.1", 80, "intranet.example.evil")],
)
def test_an_allowed_pair_allows_nothing_beside_it(ip: str, port: int, host: str) -> None:
    assert refusal(ip, port, host, AllowedAddresses.parse("127.0.0.1:8808,intranet.example:80")) is not None


@pytest.mark.parametrize(
    "entry",
    ["localhost", "localhost:", ":80", "host:0", "host:65536", "host:٨٠", "::1:80", "[::1]", "http://h:80", "*:80 x:1"],
)
def test_a_bad_entry_is_named(entry: str) -> None:
    with pytest.raises(ConfigError, match="NEWSCRAWL_ALLOW_ADDRESSES") as raised:
        AllowedAddresses.parse(f"127.0.0.1:80,{entry}")
    assert repr(entry) in str(raised.value)


def test_no_entry_allows_nothing() -> None:
    assert AllowedAddresses.parse(" , ") == NOTHING


@given(st.ip_addresses())
def test_nothing_passes_that_python_knows_as_not_global(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if refusal(str(address), 443, "news.example", NOTHING) is None:
        assert address.is_global
        assert not address.is_multicast


@given(st.text())
def test_what_is_not_an_address_is_refused(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        assert refusal(text, 80, "news.example", NOTHING) is not None


@given(st.text(alphabet="a1:.[]*,/ -"))
def test_any_setting_is_read_or_is_a_config_error(text: str) -> None:
    with suppress(ConfigError):
        AllowedAddresses.parse(text)
