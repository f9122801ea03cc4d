"""The settings: one frozen tree, read once from `baton.yaml` and `BATON_…`, and passed down."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from app.errors import ConfigurationError
from app.model_routes import DEFAULT, engine_of, literal_keys, routes_without_key, with_named_keys
from app.security.start_rules import unfit
from app.setting_names import PREFIX, described, unknown_variables
from chains.churn.config import ChurnConfig
from chains.models.config import ModelsConfig, ServerAddress, optional_model_name


class Section(BaseModel):
    """A group of settings; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(Section):
    """What one caller may ask for at a time.

    Attributes:
        requests_a_minute: By caller (tenant, person and client); 0 lifts the limit.
        rate_storage: Where requests are counted: `memory://`, or `redis://host:6379` for several processes.
        wait_seconds: How long `POST /v1/…/runs` may wait for its answer before it says 202.
        result_kib: Up to what size a run's answer holds the whole report.
    """

    body_mib: int = Field(32, ge=1)
    inflated_mib: int = Field(256, ge=1)
    accounts: int = Field(20_000, ge=1)
    concurrent_runs: int = Field(8, ge=1)
    queued_runs: int = Field(100, ge=0)
    requests_a_minute: int = Field(120, ge=0)
    rate_storage: str = "memory://"
    wait_seconds: float = Field(8.0, ge=0, le=60)
    result_kib: int = Field(1024, ge=1)


class Retention(Section):
    """How long things are kept."""

    payload_days: int = Field(30, ge=1)
    report_days: int = Field(400, ge=1)
    idempotency_hours: int = Field(24, ge=1)


class Jwt(Section):
    """Whose bearer tokens are taken, with `auth: jwt`; the keys come from a URL or a file.

    Attributes:
        leeway_seconds: By how much the issuer's clock may differ.
        tenant: The tenant of tokens without a `tenant` claim; "" refuses such tokens.
    """

    issuer: str = ""
    audience: str = ""
    jwks_url: str = ""
    jwks_file: Path | None = None
    leeway_seconds: float = Field(60.0, ge=0, le=600)
    tenant: str = ""


class Callbacks(Section):
    """Signed notices of finished runs; none is sent without a secret.

    Attributes:
        secret: Signs as Standard Webhooks do: `whsec_` and base64, or any text.
        allow_private: Whether addresses of this machine and of private networks may be called.
        allow_hosts: The only hosts that may be called; empty means every public one.
    """

    secret: SecretStr = SecretStr("")
    allow_private: bool = False
    allow_hosts: tuple[str, ...] = ()
    timeout_seconds: float = Field(10.0, gt=0, le=60)
    attempts: int = Field(5, ge=1, le=20)


class Pull(Section):
    """How the configured sources are read when no payload was sent.

    Attributes:
        timeout_seconds: How long one source may take.
        tenants: Whose callers may read the sources; by default the tenant of callers without sign-in, or `jwt.tenant`.
        filters_first: Whether a first question's region and segment narrow what is read. Scores compare an account
            with the accounts read, so that they may differ from those of a full reading; the report says so.
    """

    timeout_seconds: float = Field(60.0, gt=0, le=3600)
    tenants: tuple[str, ...] = ()
    filters_first: bool = False


class Sample(Section):
    """The embedded sample organisation, answering while no source is configured."""

    enabled: bool = True
    seed: int = 7


class Settings(BaseSettings):
    """Everything an operator may set. Nested names are joined by two underscores: `BATON_LIMITS__BODY_MIB`.

    Attributes:
        llm_model: The model of every step that `models.steps` does not name; "" leaves all to `models`.
        llm_base_url: Where that model is served, when not by its provider.
        openai_api_key: OpenAI's key, read from `OPENAI_API_KEY`.
        cors_origins: Web origins whose pages may call the service; none by default.
        sources: The file, or the folder of files, that configures the systems to read; none by default.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        yaml_file="baton.yaml",
        populate_by_name=True,
    )

    data_dir: Path = Path(".baton")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    auth: Literal["none", "jwt"] = "none"
    jwt: Jwt = Jwt()
    cors_origins: tuple[str, ...] = ()
    encryption_key: SecretStr = SecretStr("")
    database_url: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    llm_model: Annotated[str, AfterValidator(optional_model_name)] = ""
    llm_base_url: ServerAddress = ""
    openai_api_key: SecretStr = Field(SecretStr(""), validation_alias="OPENAI_API_KEY")
    models: ModelsConfig = ModelsConfig()
    churn: ChurnConfig = ChurnConfig()
    limits: Limits = Limits()
    retention: Retention = Retention()
    callbacks: Callbacks = Callbacks()
    sources: Path | None = None
    pull: Pull = Pull()
    sample: Sample = Sample()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given by code wins over the environment, and that over the file."""
        try:
            file = YamlConfigSettingsSource(settings_cls)
        except (TypeError, ValueError):
            raise ConfigurationError("baton.yaml must hold names with values, such as port: 8000.") from None
        if written := literal_keys(file()):
            raise ConfigurationError(
                f"baton.yaml holds a key itself ({', '.join(written)}); keep keys in the environment: "
                "set OPENAI_API_KEY, or give the route api_key_env: NAME_OF_THE_VARIABLE."
            )
        return init_settings, env_settings, file

    @model_validator(mode="before")
    @classmethod
    def _name_the_short_route(cls, given: Any) -> Any:
        """Give the route that `BATON_LLM_MODEL` makes its name, so that steps may name it and prices may be added."""
        models = given.get("models", {}) if isinstance(given, dict) else None
        if not isinstance(models, dict) or not isinstance(routes := models.get("routes", {}), dict):
            return given
        written = routes.get(DEFAULT, {})
        try:
            model = optional_model_name(str(given.get("llm_model", "")))
        except ValueError:  # Said where the setting itself is read.
            return given
        if not model or not isinstance(written, dict):
            return given
        return {**given, "models": {**models, "routes": {**routes, DEFAULT: {"model": model, **written}}}}

    @property
    def model_engine(self) -> ModelsConfig:
        """The model engine's settings with the short variables and the keys in their places."""
        return engine_of(self.models, model=self.llm_model, base_url=self.llm_base_url, openai_key=self.openai_api_key)

    @property
    def on_loopback(self) -> bool:
        """Whether the service listens on this machine alone."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def load_settings(**overrides: Any) -> Settings:
    """Read the settings and check what only holds together.

    Raises:
        ConfigurationError: Every wrong or unknown setting, in one message.
    """
    wrong = unknown_variables(os.environ, Settings)
    settings = None
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        wrong += described(error, Settings)
    except SettingsError as error:
        wrong.append(_unreadable(error))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise ConfigurationError(f"baton.yaml is not valid YAML{where}.") from None
    if settings is not None:
        models, missing = with_named_keys(settings.models, os.environ)
        settings = settings.model_copy(update={"models": models})
        wrong += missing or routes_without_key(settings.model_engine)
        wrong += unfit(settings)
    if wrong or settings is None:
        raise ConfigurationError(f"These settings are wrong: {'; '.join(wrong)}.")
    return settings


def _unreadable(error: SettingsError) -> str:
    named = re.search(r'field "(\w+)"', str(error))
    where = f"{PREFIX}{named[1].upper()}…: " if named else ""
    return f"""{where}lists and groups in the environment are JSON, such as BATON_MODELS__DEFAULT='["small"]'"""
