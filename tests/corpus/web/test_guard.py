"""No connection leads into a private network, by whatever way it is asked for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.store.catalogue import Catalogue
from corpus.types import Outcome
from corpus.web.crawling import Pace
from corpus.web.guard import is_public
from corpus.web.sources import Kind, WebSource
from corpus.web.visiting import Network, visit
from tests.corpus.web.conftest import Visitor
from tests.corpus.web.site import Names, Site, served

NOTE = "Le 14 décembre 2020, les deux polices ont commencé à patrouiller ensemble à Remich."

PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2001:0:4136:e378::1",
    "not-an-address",
]
PUBLIC = [
    "1.1.1.1",
    "93.184.216.34",
    "2606:4700::1111",
    "::ffff:1.1.1.1",
    "64:ff9b::101:101",
    "2002:101:101::1",
]


@pytest.fixture
def inner() -> Iterator[Site]:
    """What nobody outside is to reach, on the machine's own address."""
    with served("127.0.0.1") as opened:
        opened.page("/", f"{NOTE} SECRET")
        yield opened


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_the_worlds(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_that_are(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_a_private_address_stays_private_however_it_is_written(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    written = [number, 0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80]
    assert not is_public(str(ip))
    assert not any(is_public(str(ipaddress.IPv6Address(each))) for each in written)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0"]
)
def test_the_machine_itself_is_not_asked_by_any_name(
    catalogue: Catalogue, inner: Site, host: str
) -> None:
    """By the system's own resolver and rules, as they are in use."""
    source = WebSource(Kind.PAGE, f"http://{host}:{inner.port}/", delay_seconds=0)
    (report,) = visit(catalogue, source, Pace())
    assert report.refusal == "PrivateAddress"
    assert "--allow-private" in (report.reason or "")
    assert inner.asked == []


def test_the_operator_may_allow_a_host(catalogue: Catalogue, inner: Site) -> None:
    address = f"http://127.0.0.1:{inner.port}/"
    source = WebSource(Kind.PAGE, address, allow_private=frozenset({"127.0.0.1"}), delay_seconds=0)
    (report,) = visit(catalogue, source, Pace())
    assert report.outcome is Outcome.ADDED


def test_a_host_with_one_private_address_is_not_asked_at_all(
    visitor: Visitor, site: Site, inner: Site
) -> None:
    visitor.names.point("site.example", ["127.0.0.2", "127.0.0.1"])
    assert visitor.page(site.page("/a", NOTE)).refusal == "PrivateAddress"
    assert site.asked == []


def test_a_redirect_does_not_lead_in(visitor: Visitor, site: Site, inner: Site) -> None:
    hosts = frozenset({f"127.0.0.1:{inner.port}", f"inner.example:{inner.port}"})
    visitor.names.point("inner.example", ["127.0.0.1"])
    for path, host in (("/a", "127.0.0.1"), ("/b", "inner.example")):
        moved = site.moved(path, f"http://{host}:{inner.port}/")
        assert visitor.page(moved, hosts=hosts).refusal == "PrivateAddress"
        assert visitor.page(moved).refusal == "OutsideSource"
    site.moved("/robots.txt", f"http://127.0.0.1:{inner.port}/")
    assert visitor.page(site.page("/c", NOTE)).refusal == "PrivateAddress"
    assert inner.asked == []


def test_nothing_that_a_file_lists_leads_in(visitor: Visitor, site: Site, inner: Site) -> None:
    hosts = frozenset({f"127.0.0.1:{inner.port}"})
    there = f"http://127.0.0.1:{inner.port}/"
    visitor.sitemap(site.sitemap(there), hosts=hosts)
    visitor.sitemap(
        site.sitemap(more=f"</urlset><sitemap><loc>{there}</loc></sitemap><urlset>"), hosts=hosts
    )
    visitor.page(site.page("/c", NOTE, f"<link rel=canonical href={there}>"), hosts=hosts)
    assert inner.asked == []
    assert len(visitor.files()) == 1


def test_the_address_that_was_judged_is_the_one_that_is_connected_to(tmp_path: Path) -> None:
    """DNS rebinding: the name stands for the public host when it is judged, for the inner one
    ever after."""
    with (
        served("127.0.0.2") as site,
        served("127.0.0.1", site.port) as inner,
        served("127.0.0.3", site.port) as third,
    ):
        for each in (site, inner, third):
            each.page("/", f"{NOTE} {each.address}", Connection="close")
            each.page("/robots.txt", "", Connection="close")
        names = Names()
        names.point("site.example", ["127.0.0.2"], ["127.0.0.3"], ["127.0.0.1"])
        network = Network(names, lambda address: address != "127.0.0.1")
        with Catalogue(tmp_path / "data") as catalogue:
            source = WebSource(Kind.PAGE, site.url("/"), delay_seconds=0)
            (first,) = visit(catalogue, source, Pace(), network=network)
            (second,) = visit(catalogue, source, Pace(), network=network)
        assert first.outcome is Outcome.ADDED
        assert second.refusal == "PrivateAddress"
        # One look-up for each connection that was made, and one more that was refused.
        assert [each.path for each in site.asked + third.asked] == ["/robots.txt", "/"]
        assert names.looked_up == ["site.example"] * 3
        assert inner.asked == []


def test_proxies_of_the_environment_are_not_used(
    visitor: Visitor, site: Site, inner: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{inner.port}")
    assert visitor.page(site.page("/a", NOTE)).outcome is Outcome.ADDED
    assert inner.asked == []
