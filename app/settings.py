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
from app.setting_names import PREFIX, described, unknown_variables
from chains.churn.config import ChurnConfig
from chains.models.config import ModelsConfig, ServerAddress, optional_model_name


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
    """Everything an operator may set. Nested names are joined by two underscores: `BATON_LIMITS__BODY_MIB`.

    Attributes:
        llm_model: The model of every step that `models.steps` does not name; "" leaves all to `models`.
        llm_base_url: Where that model is served, when not by its provider.
        openai_api_key: OpenAI's key, read from `OPENAI_API_KEY`.
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
    auth: Literal["none"] = "none"
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
    if wrong or settings is None:
        raise ConfigurationError(f"These settings are wrong: {'; '.join(wrong)}.")
    if settings.auth == "none" and not settings.on_loopback:
        raise ConfigurationError("Without sign-in Baton listens on 127.0.0.1 only; set host to a loopback address.")
    return settings


def _unreadable(error: SettingsError) -> str:
    named = re.search(r'field "(\w+)"', str(error))
    where = f"{PREFIX}{named[1].upper()}…: " if named else ""
    return f"""{where}lists and groups in the environment are JSON, such as BATON_MODELS__DEFAULT='["small"]'"""
