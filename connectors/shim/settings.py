"""What the shim is told, read from `shim.yaml`: the systems, the service, who may call, how long things may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from connectors.errors import InvalidSourceConfigError
from connectors.shim.masking_rules import MaskingRules, load_masking
from connectors.source_config import SourceConfig, load_sources
from connectors.source_yaml import Block, read_yaml
from connectors.toolkit.key_sets import is_safe_url
from connectors.toolkit.tokens import TokenRules

_PARTS = ("version", "host", "port", "data_dir", "sources", "masking", "service", "access", "limits", "time", "people")
_ACCESS = ("issuer", "audience", "jwks_url", "jwks_file", "leeway_seconds", "scope", "tenant", "tenants")
_DEFAULT_TENANT = "default"
_LEAST_KEY_LETTERS = 16


@dataclass(frozen=True)
class ServiceSettings:
    """Where the service is and as whom it is called: with the caller's own token, or with one of the shim's."""

    url: str = "http://127.0.0.1:8000"
    own_token: str = field(default="", repr=False)

    @property
    def knows_callers(self) -> bool:
        """Whether the service sees each caller's own token, and so keeps to their limits and apart by itself."""
        return not self.own_token


@dataclass(frozen=True)
class AccessSettings:
    """Who may call: tokens that fit the rules, or those of the development issuer where there are none.

    Attributes:
        tenant: The tenant of tokens that name none; "" refuses them.
        tenants: Whose callers may read the systems.
    """

    rules: TokenRules | None = None
    audience: str = "baton"
    scope: str = "churn:run"
    tenant: str = ""
    tenants: frozenset[str] = frozenset((_DEFAULT_TENANT,))

    @property
    def development(self) -> bool:
        """Whether the shim issues the tokens itself."""
        return self.rules is None


@dataclass(frozen=True)
class LimitSettings:
    """How much one caller may ask for, and the service answer; `storage` counts for one process, or more with Redis."""

    requests_a_minute: int = 60
    storage: str = field(default="memory://", repr=False)
    body_kib: int = 256
    answer_mib: int = 64


@dataclass(frozen=True)
class TimeSettings:
    """How long one source may take, and the whole answer before the caller is told where to ask for it."""

    source_seconds: float = 20.0
    total_seconds: float = 60.0


@dataclass(frozen=True)
class PeopleSettings:
    """Who sees persons in answers: callers with the scope."""

    scope: str = "pii:read"


@dataclass(frozen=True)
class ShimSettings:
    """Everything; secrets stay out of its representation."""

    sources: tuple[SourceConfig, ...] = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8081
    data_dir: Path = Path(".baton/shim")
    masking: MaskingRules = field(default_factory=MaskingRules)
    masking_key: bytes = field(default=b"", repr=False)
    service: ServiceSettings = field(default_factory=ServiceSettings)
    access: AccessSettings = field(default_factory=AccessSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    time: TimeSettings = field(default_factory=TimeSettings)
    people: PeopleSettings = field(default_factory=PeopleSettings)


def load_settings(file: Path, *, environ: Mapping[str, str]) -> ShimSettings:
    """The settings of a file; paths in it begin where it stands.

    Raises:
        InvalidSourceConfigError: It, the sources or the masking rules are wrong: the message names file, line, field.
    """
    whole = read_yaml(file)
    parts = whole.table(_PARTS, needs=("version", "sources", "access"))
    if parts["version"].value != 1:
        parts["version"].fail("expected 1")
    folder = file.parent
    masking = load_masking(folder / parts["masking"].string()) if "masking" in parts else MaskingRules()
    return ShimSettings(
        sources=load_sources(folder / parts["sources"].string(), environ=environ).sources,
        host=parts["host"].string() if "host" in parts else ShimSettings.host,
        port=_port(parts["port"]) if "port" in parts else ShimSettings.port,
        data_dir=folder / parts["data_dir"].string() if "data_dir" in parts else ShimSettings.data_dir,
        masking=masking,
        masking_key=_masking_key(masking, whole, environ),
        service=_service(parts["service"], environ) if "service" in parts else ServiceSettings(),
        access=_access(parts["access"], folder),
        limits=_limits(parts["limits"], environ) if "limits" in parts else LimitSettings(),
        time=_time(parts["time"]) if "time" in parts else TimeSettings(),
        people=_people(parts["people"]) if "people" in parts else PeopleSettings(),
    )


def _port(block: Block) -> int:
    port = block.whole(least=0)
    return port if port <= 65_535 else block.fail("a port is at most 65535")


def _masking_key(rules: MaskingRules, whole: Block, environ: Mapping[str, str]) -> bytes:
    """The key of the pseudonyms; needed where `hash` makes some, and taken for ids too where it is given."""
    if not rules.hashes and not (rules.key_env and environ.get(rules.key_env)):
        return b""
    if not rules.key_env:
        raise InvalidSourceConfigError(f"{whole.file}: masking uses `hash`; name the variable of its key in `key_env`.")
    key = environ.get(rules.key_env, "")
    if len(key) < _LEAST_KEY_LETTERS:
        needed = f"set {rules.key_env} to a secret of {_LEAST_KEY_LETTERS} letters or more"
        raise InvalidSourceConfigError(f"{whole.file}: masking uses `hash`; {needed}.")
    return key.encode()


def _service(block: Block, environ: Mapping[str, str]) -> ServiceSettings:
    parts = block.table(("url", "token", "token_env"))
    if "token" in parts and "token_env" in parts:
        parts["token_env"].fail("give `token: forward` or `token_env`, not both")
    if "token" in parts:
        parts["token"].string(("forward",))
    url = parts["url"].string().rstrip("/") if "url" in parts else ServiceSettings.url
    if not _is_address(url):
        parts["url"].fail("expected an address such as https://baton.example.com, without a user or query")
    return ServiceSettings(url, _from_environment(parts["token_env"], environ) if "token_env" in parts else "")


def _is_address(url: str) -> bool:
    try:
        address = urlsplit(url)
        return (
            address.scheme in ("http", "https")
            and bool(address.hostname)
            and not (address.username or address.password or address.query or address.fragment or (address.port == 0))
        )
    except ValueError:
        return False


def _from_environment(block: Block, environ: Mapping[str, str]) -> str:
    name = block.string()
    return environ.get(name) or block.fail(f"the environment variable {name} is not set")


def _access(block: Block, folder: Path) -> AccessSettings:
    if block.value == "development":
        return AccessSettings()
    parts = block.table(_ACCESS, needs=("issuer", "audience"), what="`development`, or issuer, audience and keys")
    if ("jwks_url" in parts) == ("jwks_file" in parts):
        block.fail("the issuer's keys come from `jwks_url` or `jwks_file`: give one of them")
    if "jwks_url" in parts and not is_safe_url(parts["jwks_url"].string()):
        parts["jwks_url"].fail("keys are read over https, or over http from this machine alone")
    rules = TokenRules(
        issuer=parts["issuer"].string(),
        audience=parts["audience"].string(),
        jwks_url=parts["jwks_url"].string() if "jwks_url" in parts else "",
        jwks_file=folder / parts["jwks_file"].string() if "jwks_file" in parts else None,
        leeway_seconds=_seconds(parts["leeway_seconds"], least=0, most=600) if "leeway_seconds" in parts else 60.0,
    )
    scope = parts["scope"].string() if "scope" in parts else AccessSettings.scope
    tenant = parts["tenant"].string() if "tenant" in parts else ""
    tenants = frozenset(one.string() for one in parts["tenants"].items()) if "tenants" in parts else frozenset()
    if tenant and tenants and tenant not in tenants:
        parts["tenants"].fail(f"`{tenant}`, the tenant of tokens that name none, must be among them")
    return AccessSettings(rules, rules.audience, scope, tenant, tenants or frozenset((tenant or _DEFAULT_TENANT,)))


def _limits(block: Block, environ: Mapping[str, str]) -> LimitSettings:
    parts = block.table(("requests_a_minute", "storage", "storage_env", "body_kib", "answer_mib"))
    storage = parts["storage"].string() if "storage" in parts else LimitSettings.storage
    return LimitSettings(
        requests_a_minute=parts["requests_a_minute"].whole(least=0) if "requests_a_minute" in parts else 60,
        storage=_from_environment(parts["storage_env"], environ) if "storage_env" in parts else storage,
        body_kib=parts["body_kib"].whole(least=1) if "body_kib" in parts else LimitSettings.body_kib,
        answer_mib=parts["answer_mib"].whole(least=1) if "answer_mib" in parts else LimitSettings.answer_mib,
    )


def _time(block: Block) -> TimeSettings:
    parts = block.table(("source_seconds", "total_seconds"))
    given = {name: _seconds(part, most=3_600) for name, part in parts.items()}
    return TimeSettings(**given)


def _people(block: Block) -> PeopleSettings:
    parts = block.table(("scope",), needs=("scope",))
    return PeopleSettings(parts["scope"].string())


def _seconds(block: Block, *, least: float = 0.1, most: float) -> float:
    value = block.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        block.fail(f"expected seconds from {least:g} to {most:g}")
    return float(value)
