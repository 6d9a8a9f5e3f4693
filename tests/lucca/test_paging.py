"""Addresses of pages: canonical, complete, and never outside the tenant's API."""

import pytest

from lucca_sync.lucca.errors import ForeignLink
from lucca_sync.lucca.paging import first_url, followed, is_followed, record_url, simpler
from lucca_sync.model.catalogue import CATALOGUE, Resource

ACME = "https://acme.ilucca.net"
EMPLOYEES = CATALOGUE["employees"]
DEPARTMENTS = CATALOGUE["departments"]


def test_a_first_page_asks_for_links_a_full_page_and_a_stable_order() -> None:
    assert first_url(EMPLOYEES) == "/lucca-api/employees?include=links&limit=100&sort=id"


def test_a_collection_without_sort_keys_is_asked_without_one() -> None:
    assert first_url(DEPARTMENTS) == "/lucca-api/departments?include=links&limit=100"


def test_filters_and_limit_join_in_order_of_names() -> None:
    url = first_url(EMPLOYEES, {"status": "active,upcoming", "applicableJobPosition.department.id": "32"}, 7)
    assert url == (
        "/lucca-api/employees?applicableJobPosition.department.id=32"
        "&include=links&limit=7&sort=id&status=active,upcoming"
    )


def test_links_are_asked_for_whatever_else_is_included() -> None:
    assert "include=totalCount,links&" in first_url(EMPLOYEES, {"include": "totalCount"})
    assert "include=links,totalCount&" in first_url(EMPLOYEES, {"include": "links,totalCount"})


def test_a_plus_in_a_sort_key_is_sent_encoded() -> None:
    assert first_url(Resource("x", "x", "x", sort="+id")).endswith("&sort=%2Bid")
    assert followed(f"{ACME}/lucca-api/x?sort=+id&page=a+b", ACME) == (
        "/lucca-api/x?include=links&limit=100&page=a%2Bb&sort=%2Bid"
    )


def test_values_that_would_change_the_query_are_encoded() -> None:
    assert "search=a%26page%3Db%20c%23" in first_url(EMPLOYEES, {"search": "a&page=b c#"})


@pytest.mark.parametrize(
    "href",
    [
        f"{ACME}/lucca-api/employees?page=!a1B2&limit=100&sort=id",
        f"{ACME}/lucca-api/employees?page=!a1B2&limit=100&sort=id&include=links",
        f"{ACME}/lucca-api/employees?sort=id&page=%21a1B2",
        f"{ACME}:443/lucca-api/employees?sort=id&page=!a1B2#top",
        "HTTPS://ACME.ilucca.NET/lucca-api/employees?sort=id&page=!a1B2",
        "/lucca-api/employees?sort=id&page=!a1B2",
    ],
)
def test_a_next_link_is_followed_with_links_and_limit_put_back(href: str) -> None:
    assert followed(href, ACME) == "/lucca-api/employees?include=links&limit=100&page=!a1B2&sort=id"


def test_what_was_asked_before_is_put_back_too_but_not_the_old_page() -> None:
    asked = "/lucca-api/employees?include=links&limit=50&page=!old&sort=id&status=active"
    assert followed(f"{ACME}/lucca-api/employees?page=!new", ACME, asked) == (
        "/lucca-api/employees?include=links&limit=50&page=!new&sort=id&status=active"
    )


def test_a_link_without_a_page_does_not_lead_back_to_the_page_that_held_it() -> None:
    asked = "/lucca-api/employees?include=links&limit=100&page=!old"
    assert followed(f"{ACME}/lucca-api/employees?after=5", ACME, asked) == (
        "/lucca-api/employees?after=5&include=links&limit=100"
    )


def test_what_the_link_says_itself_wins_over_what_was_asked() -> None:
    followed_to = followed(
        f"{ACME}/lucca-api/employees?page=2&limit=25", ACME, "/lucca-api/employees?limit=50"
    )
    assert "limit=25" in followed_to


def test_other_includes_are_kept_beside_links() -> None:
    href = f"{ACME}/lucca-api/employees?page=2&include=embedded&include=totalCount"
    assert "include=embedded,totalCount,links&" in followed(href, ACME)


def test_following_what_was_followed_changes_nothing() -> None:
    once = followed(f"{ACME}/lucca-api/employees?page=a%2Fb%3D%3D%26&x=%C3%A9%FF", ACME)
    assert followed(once, ACME) == once


@pytest.mark.parametrize(
    "href",
    [
        "https://evil.example/lucca-api/employees?page=2",
        "https://acme.ilucca.net.evil.example/lucca-api/employees?page=2",
        "https://acme.ilucca.net@evil.example/lucca-api/employees?page=2",
        "https://acme.ilucca.net:8443/lucca-api/employees?page=2",
        "http://acme.ilucca.net/lucca-api/employees?page=2",
        "https://other.ilucca.net/lucca-api/employees?page=2",
        "//evil.example/lucca-api/employees?page=2",
        "https:evil.example/lucca-api/employees",
        "https://acme.ilucca.net/identity/api/users",
        "https://acme.ilucca.net/lucca-api/../identity/api/users",
        "https://acme.ilucca.net/lucca-api/%2e%2e/identity/api/users",
        "https://acme.ilucca.net:port/lucca-api/employees",
        "https://[acme/lucca-api/employees",
        "javascript:alert(1)",
        "employees?page=2",
        "",
    ],
)
def test_a_link_out_of_the_tenants_api_is_foreign(href: str) -> None:
    with pytest.raises(ForeignLink) as caught:
        followed(href, ACME)
    assert "page=2" not in str(caught.value)


def test_a_followed_page_is_told_from_a_first_one() -> None:
    assert is_followed("/lucca-api/employees?include=links&page=!a")
    assert not is_followed("/lucca-api/employees?include=links&search=page")


def test_a_records_address_is_its_id_encoded() -> None:
    assert record_url(EMPLOYEES, "42") == "/lucca-api/employees/42"
    assert record_url(EMPLOYEES, "../x y") == "/lucca-api/employees/..%2Fx%20y"


def simplified(url: str) -> list[str]:
    """Every address on the way to the simplest."""
    ways: list[str] = []
    while (step := simpler(url)) is not None:
        ways.append(step)
        url = step
    return ways


def test_a_request_too_heavy_becomes_simpler_step_by_step_and_then_no_more() -> None:
    """Trap 9: a 408 is answered with a smaller request, never with the same one."""
    url = "/lucca-api/employees?id=1%2C2&include=embedded,links,totalCount&limit=100&sort=id"
    assert simplified(url) == [
        "/lucca-api/employees?id=1,2&include=links&limit=100&sort=id",
        "/lucca-api/employees?id=1,2&include=links&limit=50&sort=id",
        "/lucca-api/employees?id=1,2&include=links&limit=25&sort=id",
        "/lucca-api/employees?id=1,2&include=links&limit=12&sort=id",
        "/lucca-api/employees?id=1,2&include=links&limit=10&sort=id",
    ]


@pytest.mark.parametrize(
    ("url", "ways"),
    [
        ("/lucca-api/departments?include=totalCount&limit=10", ["/lucca-api/departments?limit=10"]),
        (
            "/lucca-api/departments?include=links&limit=15&page=!a",
            ["/lucca-api/departments?include=links&limit=10&page=!a"],
        ),
        ("/lucca-api/departments?limit=100&sort=id", []),
        ("/lucca-api/departments?include=links&limit=7", []),
        ("/lucca-api/departments?include=totalCount&limit=0", []),
        ("/lucca-api/departments/7", []),
        ("/lucca-api/departments?limit=many", []),
    ],
)
def test_nothing_is_put_in_and_what_is_simple_stays(url: str, ways: list[str]) -> None:
    assert simplified(url) == ways
