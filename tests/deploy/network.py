"""Whom NetworkPolicies let a pod reach: a small reading of their egress rules."""

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from tests.deploy.documents import Document


def reaches(policies: Iterable[Document], address: str, port: int) -> bool:
    """Whether any policy lets a pod connect to an address by TCP; without a rule nothing may."""
    rules = [rule for policy in policies for rule in policy["spec"].get("egress", ())]
    return any(_port_matches(rule, port) and _address_matches(rule, address) for rule in rules)


def _port_matches(rule: Document, port: int) -> bool:
    allowed = [(entry.get("protocol", "TCP"), entry["port"]) for entry in rule["ports"]]
    return ("TCP", port) in allowed


def _address_matches(rule: Document, address: str) -> bool:
    return any(_in_block(peer["ipBlock"], address) for peer in rule["to"] if "ipBlock" in peer)


def _in_block(block: Document, address: str) -> bool:
    asked = ip_address(address)
    outside = any(asked in ip_network(exception) for exception in block.get("except", ()))
    return asked in ip_network(block["cidr"]) and not outside
