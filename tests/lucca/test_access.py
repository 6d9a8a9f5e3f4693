"""Where credentials may go, and how much may be asked for at once."""

import pytest

from lucca_sync.kit.secret import Secret
from lucca_sync.lucca.access import TenantAccess, origin

TOKEN_URL = "https://accounts.world.luccasoftware.com/connect/token"


def access(
    url: str = "https://acme.ilucca.net",
    token_url: str = TOKEN_URL,
    scopes: tuple[str, ...] = ("employees.readonly",),
) -> TenantAccess:
    return TenantAccess(url, token_url, "our-client", Secret("planted"), scopes)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://acme.ilucca.net/", "https://acme.ilucca.net"),
        ("HTTPS://Acme.ilucca.net:443", "https://acme.ilucca.net"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_a_tenants_origin_is_written_one_way(url: str, expected: str) -> None:
    assert access(url).origin == expected


@pytest.mark.parametrize(
    "url",
    ["http://acme.ilucca.net", "http://10.0.0.1", "http://127.0.0.1.evil.example", "http://localhost.evil"],
)
def test_plain_http_is_for_loopback_only(url: str) -> None:
    with pytest.raises(ValueError, match="not https"):
        access(url)
    with pytest.raises(ValueError, match="not https"):
        access(token_url=url)


@pytest.mark.parametrize("url", ["acme.ilucca.net", "ftp://acme.ilucca.net", "https://", ""])
def test_an_address_without_scheme_or_host_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        access(url)


def test_a_tenants_url_with_a_path_is_refused_and_the_root_named() -> None:
    with pytest.raises(ValueError, match=r"https://acme\.ilucca\.net$"):
        access("https://acme.ilucca.net/lucca-api")


def test_scopes_beyond_what_one_token_carries_are_refused_with_both_figures() -> None:
    scopes = tuple(f"resource-{number:04}.readonly" for number in range(200))
    with pytest.raises(ValueError, match=r"4599 characters.*4000"):
        access(scopes=scopes)


def test_repeated_scopes_count_once() -> None:
    assert access(scopes=("b", "a", "b")).scope() == "a b"


def test_its_repr_shows_no_secret() -> None:
    assert "planted" not in repr(access())


def test_an_origin_keeps_a_port_of_its_own() -> None:
    assert origin("https://acme.ilucca.net:8443/x") == "https://acme.ilucca.net:8443"
