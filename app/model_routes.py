"""The model engine's settings out of what the file, the environment and the two short variables say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from chains.models.config import STEPS, ModelsConfig, Route

DEFAULT = "default"
"""The route that `BATON_LLM_MODEL` makes."""

NO_KEY = SecretStr("none")
"""Sent to servers that need no key, as the client does not start without one."""

_KEY_NAMES = frozenset(("openai_api_key", "baton_openai_api_key"))


def engine_of(models: ModelsConfig, *, model: str, base_url: str, openai_key: SecretStr) -> ModelsConfig:
    """The settings that the gateway takes: with the short variables' route, and a key wherever one is due.

    Args:
        models: What `models` says.
        model: `BATON_LLM_MODEL`; when it is there, it answers every step that `models.steps` does not name.
        base_url: `BATON_LLM_BASE_URL`.
        openai_key: `OPENAI_API_KEY`; goes to OpenAI and to the short variables' server, and to no other server.
    """
    if model:
        routes = {**models.routes, DEFAULT: _default_route(models.routes.get(DEFAULT), model, base_url)}
        models = models.model_copy(update={"routes": routes, DEFAULT: [DEFAULT]})
    keyed = {
        name: _with_key(route, openai_key, trusted=bool(model) and name == DEFAULT)
        for name, route in models.routes.items()
    }
    return models.model_copy(update={"routes": keyed})


def literal_keys(document: Mapping[str, Any]) -> list[str]:
    """Where a settings file holds a key itself, by dotted name."""
    found = [str(name) for name in document if str(name).lower() in _KEY_NAMES]
    return found + [f"models.routes.{name}.api_key" for name, route in _routes(document) if route.get("api_key")]


def with_named_keys(models: ModelsConfig, environment: Mapping[str, str]) -> tuple[ModelsConfig, list[str]]:
    """The settings with the keys that `api_key_env` names, and a line on each that is not there."""
    missing = []
    routes = dict(models.routes)
    for name, route in models.routes.items():
        if not route.api_key_env:
            continue
        if key := environment.get(route.api_key_env, "").strip():
            routes[name] = route.model_copy(update={"api_key": SecretStr(key)})
        else:
            missing.append(f"models.routes.{name}: the environment variable {route.api_key_env} is not set")
    return models.model_copy(update={"routes": routes}), missing


def routes_without_key(engine: ModelsConfig) -> list[str]:
    """A line on each route in use that asks OpenAI itself without a key."""
    return [
        f"models.routes.{name}: {route.name} needs a key: set OPENAI_API_KEY, or name a variable by api_key_env"
        for name, route in engine.routes.items()
        if steps_of(engine, name) and route.speaks_openai and not route.api_key.get_secret_value()
    ]


def steps_of(engine: ModelsConfig, route: str) -> list[str]:
    """The steps that ask a route, first or as a fallback."""
    return [step for step in STEPS if route in engine.routes_of(step)]


def _default_route(written: Route | None, model: str, base_url: str) -> Route:
    """The short variables' route; prices and the rest of a written one stay while the model is the same."""
    wanted = Route(model=model, base_url=base_url or (written.base_url if written else ""))
    if written is None or written.name != wanted.name:
        return Route(model=model, base_url=base_url)
    return written.model_copy(update={"model": wanted.model, "base_url": wanted.base_url})


def _with_key(route: Route, openai_key: SecretStr, *, trusted: bool) -> Route:
    if route.api_key.get_secret_value() or not route.speaks_openai:
        return route
    if openai_key.get_secret_value() and (trusted or _is_openai(route.base_url)):
        return route.model_copy(update={"api_key": openai_key})
    return route.model_copy(update={"api_key": NO_KEY}) if route.base_url else route


def _is_openai(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or "api.openai.com"
    return host == "openai.com" or host.endswith(".openai.com")


def _routes(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    models = document.get("models")
    routes = models.get("routes") if isinstance(models, Mapping) else None
    for name, route in (routes if isinstance(routes, Mapping) else {}).items():
        if isinstance(route, Mapping):
            yield str(name), route
