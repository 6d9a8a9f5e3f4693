"""Which addresses may be reached. Nothing here connects to anything."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from lucca_sync.kit.addresses import AllowList, why_not

PRIVATE = [
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "127.0.0.1",
    "100.64.0.1",
    "192.0.0.9",
    "192.88.99.1",
    "198.18.0.1",
    "240.0.0.1",
    "::1",
    "::ffff:10.0.0.1",
    "::10.0.0.1",
    "64:ff9b::808:808",
    "64:ff9b:1::808:808",
    "2002:808:808::1",
    "2001:10::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "fec0::1",
    "fd00::1",
]
NEVER = [
    "0.0.0.0",  # noqa: S104 - a target, not a place to listen
    "0.1.2.3",
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "fd00:ec2::254",
    "fe80::1%eth0",
    "ff02::1",
]
EVERYTHING = AllowList(["0.0.0.0/0", "::/0"])


def refusal(address: str, allow: AllowList | None = None, *, named: bool = False, plain: bool = False) -> str:
    return why_not(address, allow or AllowList(), named=named, plain=plain) or ""


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2a00:1450:4007::1", "2606:4700::1"])
def test_public_addresses_are_reached_over_https(address: str) -> None:
    assert refusal(address) == ""


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused_with_the_line_that_permits_it(address: str) -> None:
    assert "not a public address" in refusal(address)
    suggested = refusal(address).partition("`allow: [")[2].partition("]`")[0]
    assert refusal(address, AllowList([suggested])) == ""


@pytest.mark.parametrize("address", NEVER)
def test_metadata_and_their_like_are_refused_even_when_everything_is_allowed(address: str) -> None:
    assert "never" in refusal(address)
    assert "never" in refusal(address, EVERYTHING)
    assert "never" in refusal(address, named=True)


def test_plain_http_reaches_only_what_is_allowed() -> None:
    assert "`allow: [8.8.8.8]`" in refusal("8.8.8.8", plain=True)
    assert refusal("8.8.8.8", AllowList(["8.8.8.0/24"]), plain=True) == ""


def test_a_host_allowed_by_name_may_be_anywhere_private() -> None:
    assert refusal("10.0.0.1", named=True, plain=True) == ""


@pytest.mark.parametrize("address", ["", "example.org", "1.2.3", "127.1", "\x00"])
def test_what_is_no_address_is_refused(address: str) -> None:
    assert "not a network address" in refusal(address, EVERYTHING)


@given(st.ip_addresses())
def test_a_mapped_address_is_judged_as_the_one_inside(address: IPv4Address | IPv6Address) -> None:
    if isinstance(address, IPv4Address):
        assert refusal(f"::ffff:{address}") == refusal(str(address))


@given(st.ip_addresses(), st.booleans())
def test_an_allow_list_never_closes_what_was_open(
    address: IPv4Address | IPv6Address,
    plain: bool,  # noqa: FBT001 - drawn
) -> None:
    if not refusal(str(address), plain=plain):
        assert not refusal(str(address), EVERYTHING, plain=plain)


@given(st.ip_addresses())
def test_nothing_that_python_calls_special_is_public(address: IPv4Address | IPv6Address) -> None:
    if not refusal(str(address)):
        assert address.is_global
        assert not address.is_multicast


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("crm.example.org", "https://CRM.example.org/hook"),
        ("crm.example.org.", "https://crm.example.org/hook"),
        ("bücher.example", "https://xn--bcher-kva.example/hook"),
        ("localhost", "http://localhost:8080/"),
    ],
)
def test_a_host_is_found_however_it_is_written(entry: str, url: str) -> None:
    assert AllowList([entry]).names(URL(url))


def test_a_host_entry_names_no_other_host() -> None:
    allow = AllowList(["example.org"])
    assert not allow.names(URL("https://evil-example.org/"))
    assert not allow.names(URL("https://sub.example.org/"))
    assert not allow.holds(ip_address("10.0.0.1"))


@pytest.mark.parametrize(
    "entry", ["", "a b", "10.0.0.0/99", "10.20.0.1/16", "http://x", "1.2.3", "*.example.org"]
)
def test_a_line_that_means_nothing_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="must be a host name"):
        AllowList([entry])


def test_a_network_with_host_bits_gets_a_suggestion() -> None:
    with pytest.raises(ValueError, match=r"did you mean 10\.20\.0\.0/16"):
        AllowList(["10.20.0.1/16"])
