"""What an operator says about one Salesforce organisation, and what is wrong with it."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from connectors.salesforce.places import origin_of

_SECRETS = ("client_secret", "access_token", "proxy_url")
_VERSION = re.compile(r"v?\d{2,3}\.0")


class SalesforceSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `connection:` block. One way in: a client secret, a private key with a user name, or a ready access token.

    Attributes:
        login_url: The organisation's My Domain, such as `https://example.my.salesforce.com`.
        client_id: The app's consumer key.
        private_key_file: PEM of the RSA key whose certificate the app holds; relative to the configuring file.
        audience: Whom the signed assertion is for; "" takes Salesforce's login, its sandboxes', or a loopback login.
        instance_url: Where the ready access token is good; otherwise Salesforce names the instance itself.
        ca_file: Certificate authorities to trust in place of the system's; relative to the configuring file.
        proxy_url: The HTTP proxy on the way out; the environment's is not looked at.
        timeout_seconds: How long one request may be silent.
        page_size: Records asked for at a time; Salesforce may send fewer.
    """

    login_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    username: str = ""
    private_key_file: str = ""
    audience: str = ""
    access_token: str = ""
    instance_url: str = ""
    api_version: str | float = "61.0"
    ca_file: str = ""
    proxy_url: str = ""
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 30.0
    page_size: Annotated[int, msgspec.Meta(ge=200, le=2000)] = 2000

    def __post_init__(self) -> None:
        if problems := [*_way_problems(self), *_address_problems(self)]:
            raise ValueError("; ".join(problems))

    def __repr__(self) -> str:
        shown = (name for name in self.__struct_fields__ if name not in _SECRETS)
        return f"SalesforceSettings({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    @property
    def way_in(self) -> str:
        """How the source signs in, in words."""
        if self.access_token:
            return "access token"
        return "client credentials" if self.client_secret else "JWT bearer"

    @property
    def version(self) -> str:
        """The API's version as its paths write it, such as `61.0`."""
        return str(self.api_version).removeprefix("v")


def _way_problems(settings: SalesforceSettings) -> list[str]:
    signs_in = settings.login_url or settings.client_id
    ways = (settings.client_secret, settings.private_key_file or settings.username, settings.access_token)
    if sum(map(bool, ways)) != 1 or (settings.access_token and signs_in):
        return [
            "give one way in: client_secret, or username with private_key_file (both with login_url and client_id), "
            "or access_token with instance_url"
        ]
    needed: tuple[str, ...]
    if settings.access_token:
        needed = ("instance_url",)
    elif settings.client_secret:
        needed = ("login_url", "client_id")
    else:
        needed = ("login_url", "client_id", "username", "private_key_file")
    return [f"{name} is missing" for name in needed if not getattr(settings, name)]


def _address_problems(settings: SalesforceSettings) -> list[str]:
    problems = [
        f"{name} must be an address such as https://example.my.salesforce.com, without a user, password or query"
        for name in ("login_url", "instance_url")
        if getattr(settings, name) and not origin_of(getattr(settings, name))
    ]
    if not (settings.access_token.isascii() and settings.access_token.isprintable()):
        problems.append("access_token holds a character that no token has")
    if not _VERSION.fullmatch(str(settings.api_version)):
        problems.append('api_version must be such as "61.0"')
    return problems
