"""`baton doctor` and `baton openapi`."""

from __future__ import annotations

import json
import sys

from sqlalchemy import func, select

from app.bootstrap import open_store
from app.main import baton_version, create_app
from app.settings import load_settings
from app.store.tables import drafts, payloads, runs


def diagnose() -> None:
    """Print what stands and what does not."""
    settings = load_settings()
    engine, _ = open_store(settings)
    with engine.connect() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (runs, drafts, payloads)
        ]
    print(f"baton        {baton_version()} on Python {sys.version.split()[0]}")
    print(f"settings     ok (host {settings.host}, port {settings.port}, sign-in {settings.auth})")
    print(f"store        ok ({engine.dialect.name}; {counts[0]} runs, {counts[1]} drafts, {counts[2]} payloads)")
    print("engine       built-in rules; no model is configured, none is called")
    sources = "the sample organisation, until one is configured" if settings.sample.enabled else "none: send payloads"
    print(f"sources      {sources}")


def print_openapi() -> None:
    """Print the OpenAPI document."""
    print(json.dumps(create_app(load_settings()).openapi(), indent=2))
