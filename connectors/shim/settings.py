"""Where the shim finds the three systems and the service, and how long it waits for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class ShimSettings:
    """Built by the caller; secrets stay out of its representation.

    `access_token`, when set, is what callers of the shim must send as a bearer token; without one the shim
    serves the loopback interface only, for its answers hold persons' values.
    `service_token` is sent to the service when the caller brought no token of their own.
    """

    service_url: str
    crm_url: str
    usage_database: Path
    billing_folder: Path
    crm_token: str = field(default="", repr=False)
    service_token: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    crm_api_version: str = "v61.0"
    crm_timeout_seconds: float = 15.0
    crm_max_pages: int = 500
    source_timeout_seconds: float = 20.0
    service_timeout_seconds: float = 65.0
    max_body_bytes: int = 256 * 1024
    use_proxy_environment: bool = False
