"""What the shim remembers of questions it has passed on: bounded, in memory, and without anything personal."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

from connectors.records import Finding
from connectors.shim.problems import ShimError

_MOST = 2_000


@dataclass(frozen=True)
class Asked:
    """A run that somebody asked for, and what reading the systems for it had found.

    Attributes:
        caller_key: Of the caller and their rights; with other rights it is another.
        held: The ids of the accounts that its payload held; None where that is not known.
    """

    caller_key: str
    run_id: str
    thread_id: str
    findings: tuple[Finding, ...] = ()
    held: frozenset[str] | None = None


class Memory:
    """The last runs by id, and by the key their callers gave; the oldest are forgotten."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, Asked] = OrderedDict()
        self._keys: OrderedDict[tuple[str, str], tuple[str, Asked | None]] = OrderedDict()
        self._threads: OrderedDict[tuple[str, str], frozenset[str]] = OrderedDict()
        self._held: OrderedDict[frozenset[str], frozenset[str]] = OrderedDict()

    def run(self, run_id: str) -> Asked | None:
        """The run of that id."""
        return self._runs.get(run_id)

    def thread(self, caller_key: str, thread_id: str) -> frozenset[str] | None:
        """The accounts of the payload that the caller's conversation stands on; None where there is none."""
        return self._threads.get((caller_key, thread_id))

    def claim(self, caller_key: str, key: str, fingerprint: str) -> Asked | None:
        """The run that the caller's key stands for; None when the key is new, and from now on taken.

        Raises:
            ShimError: The key came with another question, or its first request is still on its way (both 409).
        """
        if (caller_key, key) not in self._keys:
            self._keys[caller_key, key] = (fingerprint, None)
            _trim(self._keys)
            return None
        before, asked = self._keys[caller_key, key]
        if before != fingerprint:
            raise ShimError(409, "idempotency_mismatch", "This Idempotency-Key came with another question before.")
        if asked is None:
            detail = "The first request with this Idempotency-Key is still on its way; try again shortly."
            raise ShimError(409, "request_in_progress", detail, headers={"Retry-After": "2"})
        return asked

    def release(self, caller_key: str, key: str) -> None:
        """Free a key whose request failed before there was a run."""
        if self._keys.get((caller_key, key), ("", None))[1] is None:
            self._keys.pop((caller_key, key), None)

    def keep(self, asked: Asked, *, key: str = "") -> None:
        """Remember a run, and that the caller's key stands for it."""
        if asked.held is not None:
            # Most questions are about the same accounts, whose ids are kept once.
            asked = replace(asked, held=self._held.setdefault(asked.held, asked.held))
            self._threads[asked.caller_key, asked.thread_id] = asked.held or frozenset()
            _trim(self._held)
            _trim(self._threads)
        self._runs[asked.run_id] = asked
        _trim(self._runs)
        if key and (asked.caller_key, key) in self._keys:
            self._keys[asked.caller_key, key] = (self._keys[asked.caller_key, key][0], asked)


def _trim(entries: OrderedDict[Any, Any]) -> None:
    while len(entries) > _MOST:
        entries.popitem(last=False)
