"""A small question, its form, and a run on a loopback server: what the tests of this room share."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from chains.models import AnswerForm, MemoryAnswers, ModelGateway, ModelRun, ModelsConfig, Question, Route
from chains.models.answers import AnswerStore
from prompts.loader import Prompt, read_prompt

GOOD = '{"word": "ready"}'


class Word(AnswerForm):
    """One word."""

    word: str


PROMPT: Prompt = read_prompt(
    "say.md", "---\nversion: 3\ninputs: [what]\noutput: [word]\n---\n# System\nSay it.\n# User\n{{ what }}\n"
)


def question(what: str = "something", step: str = "reason") -> Question[Word]:
    """The question about that."""
    return Question(step, PROMPT, {"what": what}, Word)


def route(url: str, **fields: Any) -> Route:
    """A route to the server; quick to give up."""
    given: Mapping[str, Any] = {"model": "openai:test-model", "api_key": "k", "timeout_seconds": 5.0, **fields}
    return Route.model_validate({"base_url": url, **given})


def config(*routes: Route, **fields: Any) -> ModelsConfig:
    """The settings with these routes, tried in order."""
    named = {f"r{number}": one for number, one in enumerate(routes)}
    return ModelsConfig(routes=named, default=list(named), **fields)


@asynccontextmanager
async def run_on(settings: ModelsConfig, store: AnswerStore | None = None) -> AsyncIterator[ModelRun]:
    """A run with these settings."""
    async with ModelGateway(settings) as gateway:
        yield gateway.run(store or MemoryAnswers())


def word(text: str) -> str:
    """An answer that holds the word."""
    return json.dumps({"word": text})
