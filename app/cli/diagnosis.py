"""`baton doctor` and `baton openapi`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping

from pydantic import SecretStr
from sqlalchemy import func, select

from app.api.profile import PROFILE, profile_text
from app.api.server_address import server_of_settings
from app.bootstrap import open_store, probed_routes
from app.cli.sourcing import place_of
from app.errors import RejectedError
from app.main import baton_version, create_app
from app.model_routes import NO_KEY, steps_of
from app.security.authentication import keys_found
from app.settings import Settings, load_settings
from app.source_settings import configured_sources
from app.store.tables import drafts, model_answers, payloads, runs
from chains.models import Route, RouteFinding
from chains.models.config import STEPS
from chains.registry import workflows

_OPENAI_ADDRESS = "api.openai.com"


def diagnose() -> bool:
    """Print what stands and what does not; whether every model in use answers and the issuer's keys can be had."""
    settings = load_settings()
    engine, _ = open_store(settings)
    with engine.connect() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (runs, drafts, payloads, model_answers)
        ]
    kept = f"{counts[0]} runs, {counts[1]} drafts, {counts[2]} payloads, {counts[3]} model answers"
    print(f"baton        {baton_version()} on Python {sys.version.split()[0]}")
    print(f"settings     ok (host {settings.host}, port {settings.port}, sign-in {settings.auth})")
    print(f"store        ok ({engine.dialect.name}; {kept})")
    keys = asyncio.run(keys_found(settings))
    if keys.said:
        print(f"sign-in      {keys.said}")
    for workflow in workflows().values():
        workflow.check()
    print("prompts      ok (their inputs and answers are those of the code)")
    config = settings.model_engine
    findings = asyncio.run(probed_routes(config))
    for line in engine_lines(settings, findings):
        print(line)
    for line in source_lines(settings):
        print(line)
    engine.dispose()
    return keys.ok and all(finding.ok for finding in findings.values())


def source_lines(settings: Settings) -> Iterator[str]:
    """What is read where a request brings no payload; none of it is asked anything here."""
    sources = configured_sources(settings)
    if not sources:
        without = (
            "the sample organisation, until one is configured" if settings.sample.enabled else "none: send payloads"
        )
        yield f"sources      {without}"
        return
    yield f"sources      {len(sources)} configured; `baton sources check` reads them"
    for source in sources:
        yield f"  {source.name}: {source.kind}, {place_of(source)}"


def engine_lines(settings: Settings, findings: Mapping[str, RouteFinding]) -> Iterator[str]:
    """The engine in words: what answers each step, and each route with its server, prices and finding; no keys."""
    config = settings.model_engine
    if not config.enabled:
        unset = "; BATON_LLM_BASE_URL is set, BATON_LLM_MODEL is not" if settings.llm_base_url else ""
        yield f"engine       built-in rules; no model is configured, none is called{unset}"
        return
    working = sum(finding.ok for finding in findings.values())
    yield f"engine       {working} of {len(findings)} models in use answer; the built-in rules stand behind every step"
    for name, route in config.routes.items():
        finding, steps = findings.get(name), steps_of(config, name)
        server = route.base_url or (_OPENAI_ADDRESS if route.speaks_openai else "its provider")
        yield f"  {name}: {route.name} at {server}"
        yield f"    steps      {_steps(steps)}"
        yield f"    prices     {_prices(route.input_usd, route.output_usd)}"
        yield f"    key        {_key(route, settings.openai_api_key)}"
        yield f"    found      {_found(finding)}"
    if bare := [step for step in STEPS if not config.routes_of(step)]:
        yield f"  built-in rules alone answer {', '.join(bare)}"


def print_openapi(profile: str = "", server: str = "") -> None:
    """Print the OpenAPI document, or its 3.0 profile for a service at `server` (where it listens, by default).

    Raises:
        RejectedError: There is no such profile.
    """
    settings = load_settings()
    document = create_app(settings).openapi()
    if not profile:
        print(json.dumps(document, indent=2))
    elif profile == PROFILE:
        sys.stdout.write(profile_text(document, server.rstrip("/") or server_of_settings(settings)))
    else:
        raise RejectedError(f"There is no such profile; the one there is: {PROFILE}.")


def _steps(steps: list[str]) -> str:
    return (
        "none: defined, but used by no step" if not steps else "all" if len(steps) == len(STEPS) else ", ".join(steps)
    )


def _prices(input_usd: float, output_usd: float) -> str:
    if not input_usd and not output_usd:
        return "not set; cost_usd leaves these calls out"
    return f"${input_usd:g} in, ${output_usd:g} out for a million tokens"


def _key(route: Route, openai_key: SecretStr) -> str:
    if route.api_key_env:
        return f"from {route.api_key_env}"
    if route.api_key == NO_KEY:
        return "none; give api_key_env if the server wants one"
    if not route.api_key.get_secret_value():
        return "from the provider's own variable"
    return "from OPENAI_API_KEY" if route.api_key == openai_key else "from BATON_MODELS…"


def _found(finding: RouteFinding | None) -> str:
    if finding is None:
        return "not asked"
    if not finding.ok:
        return f"does not work: {finding.message}"
    return f"ok, answers by {finding.method}, {finding.seconds:.1f} s"
