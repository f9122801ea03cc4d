"""Which addresses the source may speak to: https, or plain http on this machine; tokens stay where they belong."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_SALESFORCE = ("salesforce.com", "force.com", "salesforce.mil", "cloudforce.com")


def origin_of(url: str) -> str:
    """Scheme, host and port of an address the source may speak to; "" of any other."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    if not host or parts.username is not None or parts.query or parts.fragment or any(c.isspace() for c in url):
        return ""
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return ""
    return f"{parts.scheme}://{_bracketed(host)}{f':{port}' if port else ''}"


def host_of(origin: str) -> str:
    """The host of an address that `origin_of` gave."""
    return urlsplit(origin).hostname or ""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def may_follow(login: str, instance: str) -> bool:
    """Whether a login at one origin may send its token's bearer to another.

    This machine leads to this machine; any other login to its own host or to one of Salesforce's.
    """
    at, to = host_of(login), host_of(instance)
    if is_loopback(at) or is_loopback(to):
        return is_loopback(at) and is_loopback(to)
    return to == at or any(to == domain or to.endswith("." + domain) for domain in _SALESFORCE)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
