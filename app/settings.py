"""The settings: one frozen tree, read once from `baton.yaml` and `BATON_…`, and passed down."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from app.errors import ConfigurationError
from chains.churn.config import ChurnConfig


class Section(BaseModel):
    """A group of settings; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(Section):
    """What one caller may ask for at a time."""

    body_mib: int = Field(32, ge=1)
    inflated_mib: int = Field(256, ge=1)
    accounts: int = Field(20_000, ge=1)
    concurrent_runs: int = Field(8, ge=1)


class Retention(Section):
    """How long things are kept, in days."""

    payload_days: int = Field(30, ge=1)
    report_days: int = Field(400, ge=1)


class Sample(Section):
    """The embedded sample organisation, answering while no source is configured."""

    enabled: bool = True
    seed: int = 7


class Settings(BaseSettings):
    """Everything an operator may set. Nested names are joined by two underscores: `BATON_LIMITS__BODY_MIB`."""

    model_config = SettingsConfigDict(
        env_prefix="BATON_", env_nested_delimiter="__", extra="forbid", frozen=True, yaml_file="baton.yaml"
    )

    data_dir: Path = Path(".baton")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    auth: Literal["none"] = "none"
    encryption_key: SecretStr = SecretStr("")
    database_url: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    churn: ChurnConfig = ChurnConfig()
    limits: Limits = Limits()
    retention: Retention = Retention()
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
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls)

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
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors())
        raise ConfigurationError(f"These settings are wrong: {wrong}.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise ConfigurationError(f"baton.yaml is not valid YAML{where}.") from None
    if settings.auth == "none" and not settings.on_loopback:
        raise ConfigurationError("Without sign-in Baton listens on 127.0.0.1 only; set host to a loopback address.")
    return settings
