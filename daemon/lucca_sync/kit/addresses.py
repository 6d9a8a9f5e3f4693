"""Which network addresses outgoing connections may reach: the public ones, and those an allow-list names.

Pure: it judges addresses and never resolves a name. The lists follow IANA's special-purpose registries;
`ipaddress.is_global` alone lets translated (NAT64, 6to4) and multicast addresses through.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator
from yarl import URL

_Address: TypeAlias = IPv4Address | IPv6Address
_Network: TypeAlias = IPv4Network | IPv6Network


def _networks(*texts: str) -> tuple[_Network, ...]:
    return tuple(ip_network(text) for text in texts)


# Not even an allow-list opens these: cloud metadata services, "this host", link-local, multicast, broadcast.
_NEVER: Final = _networks(
    "0.0.0.0/8",
    "100.100.100.200/32",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "192.0.0.192/32",
    "224.0.0.0/4",
    "255.255.255.255/32",
    "::/128",
    "fd00:c1::a9fe:a9fe/128",
    "fd00:ec2::254/128",
    "fd20:ce::254/128",
    "fe80::/10",
    "ff00::/8",
)
# Global by the letter, yet they lead somewhere else: translation, tunnels, protocol assignments.
_NOT_PUBLIC: Final = _networks(
    "100.64.0.0/10",
    "192.0.0.0/24",
    "192.88.99.0/24",
    "240.0.0.0/4",
    "2001::/23",
    "2002::/16",
    "3fff::/20",
)
_GLOBAL_V6: Final = IPv6Network("2000::/3")
_NAT64: Final = _networks("64:ff9b::/96", "64:ff9b:1::/48")
_COMPATIBLE: Final = IPv6Network("::/96")
_LOW_32: Final = 0xFFFF_FFFF
_HOST: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_LOOKS_NUMERIC: Final = re.compile(r"[0-9.]+(/.*)?|.*:.*|.*/.*")


class AllowList:
    """The networks and hosts that somebody named on purpose."""

    def __init__(self, entries: Iterable[str] = ()) -> None:
        texts = tuple(entries)
        self._networks = tuple(_network(text) for text in texts if _LOOKS_NUMERIC.fullmatch(text))
        self._hosts = frozenset(_host(text) for text in texts if not _LOOKS_NUMERIC.fullmatch(text))

    def names(self, url: URL) -> bool:
        """Tell whether the URL's host is on the list by its name."""
        return _plain_host(url.raw_host or "") in self._hosts

    def holds(self, address: _Address) -> bool:
        """Tell whether a network on the list holds the address."""
        return any(address in network for network in self._networks)


def why_not(address: str, allow: AllowList, *, named: bool, plain: bool) -> str | None:
    """Say why a connection to `address` is refused, and what would permit it; None when it may be made.

    `named`: the host is on the list by name, so whatever it resolves to was meant. `plain`: http without TLS,
    which only goes to what the list names.
    """
    try:
        target = _unmapped(ip_address(address))
    except ValueError:
        return f"{address!r} is not a network address"
    if any(form in network for form in (target, *_embedded(target)) for network in _NEVER):
        return f"{target} is never a target: it is a metadata, link-local, multicast or unspecified address"
    if named or allow.holds(target):
        return None
    if not _public(target):
        return f"{target} is not a public address; if it is meant, add `allow: [{target}]`"
    return f"plain http to {target} is refused; use https, or add `allow: [{target}]`" if plain else None


def _public(address: _Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return False
    return address.is_global and not any(address in network for network in _NOT_PUBLIC)


def _unmapped(address: _Address) -> _Address:
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _embedded(address: _Address) -> Sequence[IPv4Address]:
    """The IPv4 addresses that a translator or tunnel would take out of an IPv6 one."""
    if isinstance(address, IPv4Address) or address.is_loopback:
        return ()
    found = [address.sixtofour, *(address.teredo or ())]
    if address in _COMPATIBLE or any(address in network for network in _NAT64):
        found.append(IPv4Address(int(address) & _LOW_32))
    return [inner for inner in found if inner is not None]


def _network(text: str) -> _Network:
    try:
        return ip_network(text)
    except ValueError:
        hint = _masked(text)
    raise ValueError("must be a host name, an address or a network such as 10.20.0.0/16" + hint)


def _masked(text: str) -> str:
    try:
        return f" (did you mean {ip_network(text, strict=False)}?)"
    except ValueError:
        return ""


def _host(text: str) -> str:
    try:
        host = _plain_host(URL.build(scheme="https", host=text).raw_host or "")
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host):
        raise ValueError("must be a host name, an address or a network such as 10.20.0.0/16")
    return host


def _plain_host(host: str) -> str:
    return host.casefold().removesuffix(".")


def _checked_entry(text: str) -> str:
    AllowList([text])
    return text


AllowEntry: TypeAlias = Annotated[str, AfterValidator(_checked_entry)]
"""One line of an `allow:` list in the settings: a CIDR, an address or a host name."""
