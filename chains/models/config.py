"""Which chat model answers which step, on which server, at what price and within which bounds."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

Method = Literal["auto", "json_schema", "function_calling", "json_text"]
STEPS = ("plan", "read_tickets", "reason", "write_email", "summarise")
"""The steps that a model can answer, in the order of a run."""

_OPENAI = "openai"
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def model_name(text: str) -> str:
    """A model's name, with or without its provider.

    Raises:
        ValueError: The name or the provider before the colon is missing.
    """
    provider, colon, name = text.strip().partition(":")
    if not provider or (colon and not name):
        raise ValueError("a model is written provider:name, such as openai:gpt-5-mini, or as a name alone")
    return text.strip()


def optional_model_name(text: str) -> str:
    """A model's name, or nothing."""
    return model_name(text) if text.strip() else ""


def server_address(text: str) -> str:
    """A server's base URL, or nothing.

    Raises:
        ValueError: It is no http(s) address, or holds a password.
    """
    text = text.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known:
        raise ValueError(
            "a base URL starts with http:// or https:// and names a host, such as http://127.0.0.1:8000/v1"
        )
    if "@" in parts.netloc:
        raise ValueError("a base URL holds no password; give the key by api_key_env")
    if parts.query or parts.fragment:
        raise ValueError("a base URL has no part after ? or #; give a key by api_key_env")
    return text


def _variable_name(text: str) -> str:
    if text and not _VARIABLE.fullmatch(text):
        raise ValueError("api_key_env is the name of an environment variable, not the key itself")
    return text


ModelName = Annotated[str, AfterValidator(model_name)]
ServerAddress = Annotated[str, AfterValidator(server_address)]


class Group(BaseModel):
    """A group of settings; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Route(Group):
    """One model on one server.

    Attributes:
        model: Provider and name as `init_chat_model` takes them, such as `openai:gpt-5-mini`; a name alone is OpenAI's.
        base_url: Any server that speaks the OpenAI API, with the model named as it names it; "" is the provider's own.
        api_key: The key; "" leaves it to the provider's own environment variable.
        api_key_env: The environment variable that holds the key; whoever reads the settings puts it into `api_key`.
        method: How answers are given a form: by JSON schema, by a forced function call, by asking for JSON in words, or
            whichever of these the server turns out to know.
        stream: Read answers as they are written, so that an endless one is cut early.
        timeout_seconds: Of one attempt.
        max_output_tokens: Bound of one answer; 0 sends none.
        temperature: Sent only where it is given, as some models refuse it.
        input_usd, output_usd: Price of a million tokens.
    """

    model: ModelName
    base_url: ServerAddress = ""
    api_key: SecretStr = SecretStr("")
    api_key_env: Annotated[str, AfterValidator(_variable_name)] = ""
    method: Method = "auto"
    stream: bool = False
    timeout_seconds: float = Field(30.0, gt=0, le=600)
    max_output_tokens: int = Field(4_000, ge=0)
    temperature: float | None = Field(None, ge=0, le=2)
    input_usd: float = Field(0.0, ge=0)
    output_usd: float = Field(0.0, ge=0)

    @model_validator(mode="after")
    def _has_one_key(self) -> Self:
        if self.api_key_env and self.api_key.get_secret_value():
            raise ValueError("give api_key_env or api_key, not both")
        return self

    @property
    def name(self) -> str:
        """Provider and model; behind a base URL a colon may be part of the model's own name (`llama3.1:8b`)."""
        if self.model.startswith(f"{_OPENAI}:") or (":" in self.model and not self.base_url):
            return self.model
        return f"{_OPENAI}:{self.model}"

    @property
    def speaks_openai(self) -> bool:
        """Whether the route is asked through OpenAI's client."""
        return self.name.startswith(f"{_OPENAI}:")


class ModelsConfig(Group):
    """The model engine's settings.

    Attributes:
        routes: Models by a name of the operator's choice.
        default: The routes of every step that `steps` does not name, tried in order; empty means built-in rules alone.
        steps: The routes of single steps, such as `{write_email: [large, small]}`; an empty list keeps a step built-in.
        plan: Whether the model reads a question only where the built-in planner left something unread, or always.
        concurrency: Calls at once, over all runs of the process.
        run_seconds: Time budget of a run; what is not done by then is done by the built-in engine.
        run_tokens: Token budget of a run, input and output together.
        attempts: How often a call is tried where the server is busy or failing, the first included.
        longest_wait_seconds: The longest wait that is granted to a server that asks for one.
        read_from: Probability (by the horizon or the renewal) from which a model is asked about an account at all; for
            healthier ones the built-in engine is enough, unless the question is about them by name.
        adjustment_bound: By how much (log-odds) the model may move a probability; beyond, a person looks.
        reuse_days: How long answers to identical masked requests are kept.
    """

    routes: dict[str, Route] = Field(default_factory=dict)
    default: list[str] = Field(default_factory=list)
    steps: dict[str, list[str]] = Field(default_factory=dict)
    plan: Literal["when_unsure", "always"] = "when_unsure"
    concurrency: int = Field(32, ge=1, le=1_000)
    run_seconds: float = Field(50.0, gt=0)
    run_tokens: int = Field(3_000_000, ge=1)
    attempts: int = Field(3, ge=1, le=10)
    longest_wait_seconds: float = Field(20.0, ge=0)
    read_from: float = Field(0.15, ge=0, lt=1)
    adjustment_bound: float = Field(0.3, ge=0, le=2)
    reuse_days: int = Field(7, ge=0, le=3_650)

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Self:
        named = {name for names in (self.default, *self.steps.values()) for name in names}
        wrong = []
        if unknown := named - set(self.routes):
            wrong.append(f"these routes are not defined: {', '.join(sorted(unknown))}")
        if strange := set(self.steps) - set(STEPS):
            wrong.append(f"there is no step {', '.join(sorted(strange))}; the steps are {', '.join(STEPS)}")
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    @property
    def enabled(self) -> bool:
        """Whether any step may ask a model."""
        return bool(self.default) or any(self.steps.values())

    def routes_of(self, step: str) -> list[str]:
        """The names of the routes that a step tries, in order."""
        return self.steps.get(step, self.default)


def single_route(route: Route) -> ModelsConfig:
    """The settings with one model for every step."""
    return ModelsConfig(routes={"default": route}, default=["default"])
