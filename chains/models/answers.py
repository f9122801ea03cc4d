"""Where answers to identical masked requests are kept, so that nothing is asked twice."""

from __future__ import annotations

from typing import Protocol

import msgspec


class KeptAnswer(msgspec.Struct, frozen=True):
    """What a model wrote, who wrote it, and what it cost in tokens."""

    text: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0


class AnswerStore(Protocol):
    """Keeps answers by the digest of their masked request, within one tenant."""

    async def get(self, key: str) -> KeptAnswer | None:
        """The answer kept under that digest, if it is there and not too old."""
        ...

    async def put(self, key: str, answer: KeptAnswer) -> None:
        """Keep the answer; when this returns, a killed process has not lost it."""
        ...


class MemoryAnswers:
    """Answers of one process, for notebooks and tests; holds at most `most` of them."""

    def __init__(self, most: int = 10_000) -> None:
        self._kept: dict[str, KeptAnswer] = {}
        self._most = most

    async def get(self, key: str) -> KeptAnswer | None:
        """The answer kept under that digest."""
        return self._kept.get(key)

    async def put(self, key: str, answer: KeptAnswer) -> None:
        """Keep the answer; the oldest one goes when there are too many."""
        if len(self._kept) >= self._most:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = answer
