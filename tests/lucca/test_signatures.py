"""Signatures of webhooks: made here by hand, as the documentation describes them."""

import hmac
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import binary, datetimes, lists, text, timedeltas, timezones

from lucca_sync.lucca.signatures import is_genuine, signature_of

NOW = datetime(2026, 1, 1, 8, 34, 23, tzinfo=UTC)
AT = "2026-01-01T08:34:23Z"
SECRET = "a-secret_in-letters"
BODY = b'{"id":"7"}'


def by_hand(secret: str = SECRET, at: str = AT, body: bytes = BODY) -> str:
    mac = hmac.new(secret.encode(), digestmod="sha256")
    mac.update(at.encode())
    mac.update(b".")
    mac.update(body)
    return b64encode(mac.digest()).decode()


def test_it_is_base64_of_an_hmac_over_timestamp_dot_body() -> None:
    """A figure worked out with openssl, not with this library."""
    expected = "ILHbGR/tlHizmN4OCYdkz1Qh7oUODVwFpovYYECYl98="
    assert signature_of(SECRET, AT, BODY) == by_hand() == expected


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_five_minutes_either_way_are_allowed(seconds: int) -> None:
    assert is_genuine([SECRET], AT, by_hand(), BODY, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_more_is_not(seconds: int) -> None:
    assert not is_genuine([SECRET], AT, by_hand(), BODY, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "at",
    [
        "2026-01-01T08:34:23Z",
        "2026-01-01T08:34:23.1234567Z",
        "2026-01-01T09:34:23+01:00",
        "2026-01-01T08:34:23",
    ],
)
def test_the_timestamp_counts_as_it_is_spelled(at: str) -> None:
    assert is_genuine([SECRET], at, by_hand(at=at), BODY, NOW)
    assert not is_genuine([SECRET], f"{at} ", by_hand(at=at), BODY, NOW)


def test_any_of_several_secrets_will_do_and_without_one_nothing_is_genuine() -> None:
    assert is_genuine(["new", SECRET], AT, by_hand(), BODY, NOW)
    assert not is_genuine(["new"], AT, by_hand(), BODY, NOW)
    assert not is_genuine([], AT, by_hand(), BODY, NOW)


@given(secrets=lists(text()), timestamp=text(), signature=text(), body=binary())
def test_no_header_whatever_makes_it_raise(
    secrets: list[str], timestamp: str, signature: str, body: bytes
) -> None:
    assert not is_genuine(secrets, timestamp, signature, body, NOW)
    assert not is_genuine(secrets, AT, signature, body, NOW)
    assert not is_genuine(secrets, timestamp, None, body, NOW)
    assert not is_genuine(secrets, None, signature, body, NOW)


@given(at=datetimes(timezones=timezones()), off=timedeltas(timedelta(minutes=-10), timedelta(minutes=10)))
def test_no_time_whatever_makes_it_raise(at: datetime, off: timedelta) -> None:
    spelled = at.isoformat()
    assert is_genuine([SECRET], spelled, by_hand(at=spelled), BODY, NOW) == (
        abs(NOW - datetime.fromisoformat(spelled)) <= timedelta(minutes=5)
    )
    near = (NOW + off).isoformat()
    assert is_genuine([SECRET], near, by_hand(at=near), BODY, NOW) == (abs(off) <= timedelta(minutes=5))


@given(secret=text(min_size=1), body=binary())
def test_what_is_signed_is_genuine_whatever_it_is(secret: str, body: bytes) -> None:
    assert is_genuine([secret], AT, signature_of(secret, AT, body), body, NOW)
    assert not is_genuine([secret], AT, signature_of(secret, AT, body), body + b".", NOW)
