"""A chat server in a process of its own that answers after a fixed time; prints its address, ends with its input."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from chains.churn.model.steps import STEPS
from prompts.loader import load_prompt
from tests.honest_model import honest
from tests.model_server import ModelServer, Reply, Request

_FORMS = {load_prompt(step.prompt).system: step.form.__name__ for step in STEPS}


def answer(request: Request) -> Reply:
    """A good answer, the same one whether or not the request says in which form it wants it."""
    if not request.schema_name and request.system in _FORMS:
        form = {"type": "json_schema", "json_schema": {"name": _FORMS[request.system]}}
        request = replace(request, body={**request.body, "response_format": form})
    return honest(request)


@contextmanager
def slow_model(seconds: float) -> Iterator[str]:
    """The address of a server that takes so long for every answer, while the block lasts."""
    command = [sys.executable, "-m", "tests.bench.slow_model", str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


def serve(seconds: float) -> None:
    """Answer until the standard input ends."""
    with ModelServer(lambda request: replace(answer(request), delay_seconds=seconds), keep=False) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve(float(sys.argv[1]))
