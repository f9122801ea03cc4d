"""Asks the churn graph from code without a service: one question, nothing stored."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from pydantic import SecretStr

from chains.churn.config import ChurnConfig
from chains.churn.graph import ChurnAnswers
from chains.churn.schema import ChurnReport
from chains.context import RunContext
from chains.models import MemoryAnswers, ModelGateway, ModelsConfig, Route, single_route
from connectors.envelope import envelope_warnings, is_sent
from connectors.sample import SAMPLE_NOTE, organisation


def one_model(model: str, base_url: str, api_key: str) -> ModelsConfig | None:
    """The settings of one model for every step; None without a model."""
    # The client does not start without a key, also where the server wants none.
    key = SecretStr(api_key or ("none" if base_url else ""))
    return single_route(Route(model=model, base_url=base_url, api_key=key)) if model else None


def answer(
    question: str,
    payload: Mapping[str, Any] | None,
    *,
    as_of: str = "",
    config: ChurnConfig | None = None,
    models: ModelsConfig | None = None,
) -> ChurnReport:
    """The report; works inside a running event loop, as Jupyter has one.

    Raises:
        InvalidPayloadError: The payload is none; only nothing, or the empty default, means the sample organisation.
    """
    today = dt.datetime.now(dt.UTC).date()
    if payload is not None and is_sent(payload):
        document, warnings = payload, envelope_warnings(payload)
    else:
        document = organisation(dt.date.fromisoformat(as_of) if as_of else today).payload()
        warnings = (SAMPLE_NOTE,)
    run = RunContext(run_id=f"run_{secrets.token_hex(12)}", thread_id="", correlation_id="", today=today)
    answers = ChurnAnswers(None, config or ChurnConfig())
    request = {"question": question, "payload": document, "as_of": as_of, "warnings": warnings}

    async def answered() -> ChurnReport:
        if models is None:
            return await answers(request, run, thread_key="notebook")
        async with ModelGateway(models) as gateway:
            return await answers(request, replace(run, models=gateway.run(MemoryAnswers())), thread_key="notebook")

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(answered())).result()
