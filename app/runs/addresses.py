"""Which addresses Baton may call back: public ones, and only where allowed those of private networks."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass

import httpx

from app.errors import RejectedError

_LONGEST_URL = 2000
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_METADATA = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16"))
)
"""Where clouds give credentials to whoever asks from the machine; never called, whatever is allowed."""

_UNUSED = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20", "fd00:ec2::/32"))
)
_NETWORKS = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_HIGHEST_PORT = 65_535

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class CallRules:
    """What may be called.

    Attributes:
        allow_private: Whether addresses of this machine and of private networks may be.
        allow_hosts: The only hosts that may be, in lower case; empty means every one.
    """

    allow_private: bool = False
    allow_hosts: frozenset[str] = frozenset()


def callable_url(text: str, rules: CallRules) -> httpx.URL:
    """The URL, when nothing in it speaks against a call; where its name leads is judged at the call.

    Raises:
        RejectedError: It must not be called; the message says why, without the URL.
    """
    try:
        url = httpx.URL(text) if len(text) <= _LONGEST_URL else None
    except (httpx.InvalidURL, ValueError):
        url = None
    if url is None or not text.isprintable() or not url.raw_host or url.scheme not in ("https", "http"):
        raise _refused("must be an https URL")
    if url.userinfo:
        raise _refused("must not hold a user or a password")
    host = host_of(url)
    if rules.allow_hosts and host not in rules.allow_hosts:
        raise _refused("leads to a host that is not in callbacks.allow_hosts")
    local = host == "localhost" or host.endswith(".localhost")
    address = _literal(host)
    if address is None and not _HOST.fullmatch(host):
        raise _refused("must be an https URL")
    if url.port is not None and not 0 < url.port <= _HIGHEST_PORT:
        raise _refused("has no port that there is")
    if address is None and _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise _refused("must name its host, or write its address the usual way")
    if (local and not rules.allow_private) or (address is not None and not is_callable(str(address), rules)):
        raise _refused("leads to an address that is not public")
    if url.scheme == "http" and not (rules.allow_private and (local or (address and address.is_loopback))):
        raise _refused("must be an https URL")
    return url


def host_of(url: httpx.URL) -> str:
    """The host as rules compare it: in lower case, without brackets and the root's dot."""
    return url.raw_host.decode("ascii").lower().strip("[]").rstrip(".")


def is_callable(address: str, rules: CallRules) -> bool:
    """Whether a call may go to the IP address."""
    try:
        plain = _unwrapped(ipaddress.ip_address(address))
    except ValueError:
        return False
    if plain in _METADATA or plain.is_multicast or plain.is_unspecified or plain.is_link_local:
        return False
    if any(plain in network for network in _UNUSED):
        return False
    if plain.is_loopback or (plain.is_private and not plain.is_reserved):
        return rules.allow_private and (plain.is_loopback or _is_of_a_network(plain))
    return plain.is_global and not plain.is_reserved


def all_loopback(addresses: Collection[str]) -> bool:
    """Whether all of these are this machine's."""
    return all(_unwrapped(ipaddress.ip_address(address)).is_loopback for address in addresses)


def _is_of_a_network(address: Address) -> bool:
    """Whether it is an address that organisations give within their own networks (RFC 1918, RFC 4193)."""
    return any(address in network for network in _NETWORKS)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only carries it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _refused(why: str) -> RejectedError:
    return RejectedError(f"The callback URL {why}.", errors=[("/callback_url", why)], code="callback_refused")
