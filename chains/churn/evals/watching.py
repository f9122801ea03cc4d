"""A run that is watched: every question with the answer it got, and recorded answers in a model's place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import orjson

from chains.errors import MalformedAnswerError, ModelError
from chains.models import AnswerForm, MemoryAnswers, ModelGateway, ModelRun, Question, Reply
from chains.models.run import Attempt
from chains.models.structured import parse_answer
from chains.models.wire import Wire

FormT = TypeVar("FormT", bound=AnswerForm)
RECORDED = "recorded:reader"


@dataclass(frozen=True)
class Asked:
    """One question of a run: its step, which inputs by digest, the attempt from 0, and what came back.

    `malformed` says why the text did not fit its form; `earlier` are the findings that made this attempt necessary.
    """

    step: str
    digest: str
    attempt: int
    text: str = ""
    malformed: str = ""
    earlier: tuple[str, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0
    version: str = ""


@dataclass
class Log:
    """What a watched run asked, in the order of the answers, and where it fell back."""

    asked: list[Asked] = field(default_factory=list)
    fallen: list[tuple[str, str, str]] = field(default_factory=list)


def digest_of(question: Question[FormT]) -> str:
    """Which inputs a question has, whatever the wording of its prompt: persons numbered from 1, keys sorted."""
    text = Wire().send(json.dumps(question.inputs, sort_keys=True, ensure_ascii=False, default=str))
    return hashlib.sha256(f"{question.step}\n{text}".encode()).hexdigest()[:24]


class WatchedRun(ModelRun):
    """Asks models like any run, and keeps a log of it."""

    def __init__(self, gateway: ModelGateway) -> None:
        super().__init__(gateway, MemoryAnswers(), "evals")
        self.log = Log()

    async def ask(self, question: Question[FormT], attempts: Sequence[Attempt] = ()) -> Reply[FormT]:
        """The model's answer; logged whether or not it has its form."""
        asked = _asked(question, attempts)
        try:
            reply = await super().ask(question, attempts)
        except MalformedAnswerError as error:
            self.log.asked.append(replace(asked, text=error.text, malformed=error.message))
            raise
        self.log.asked.append(
            replace(asked, text=reply.text, input_tokens=reply.input_tokens, output_tokens=reply.output_tokens)
        )
        return reply

    def fell_back(self, step: str, account_id: str, reason: str) -> None:
        """Note the fall-back, in the log as well."""
        self.log.fallen.append((step, account_id, reason))
        super().fell_back(step, account_id, reason)


class RecordedRun(WatchedRun):
    """A run whose answers were recorded: found by step, inputs and attempt.

    Args:
        gateway: The settings, and the models.
        answers: Texts by step, digest of the inputs, and attempt.
        asks_on: Whether a model is asked for an answer that was not recorded; otherwise there is none.
    """

    def __init__(
        self, gateway: ModelGateway, answers: Mapping[tuple[str, str, int], str], *, asks_on: bool = False
    ) -> None:
        super().__init__(gateway)
        self._answers = answers
        self._asks_on = asks_on

    async def ask(self, question: Question[FormT], attempts: Sequence[Attempt] = ()) -> Reply[FormT]:
        """The recorded answer, read like a fresh one."""
        asked = _asked(question, attempts)
        text = self._answers.get((asked.step, asked.digest, asked.attempt))
        if text is None and self._asks_on:
            return await super().ask(question, attempts)
        if text is None:
            self.log.asked.append(replace(asked, malformed="no answer was recorded"))
            raise ModelError(f"no answer was recorded for this question (attempt {asked.attempt + 1})")
        wire = Wire()
        sent = question.prompt.system + wire.send(question.prompt.user(question.inputs))
        asked = replace(asked, text=text, input_tokens=len(sent) // 4, output_tokens=len(text) // 4)
        self._bill(asked, question.prompt.version)
        try:
            value = parse_answer(wire.receive(text), question.form)
        except MalformedAnswerError as error:
            self.log.asked.append(replace(asked, malformed=error.message))
            raise
        self.log.asked.append(asked)
        return Reply(value, text, RECORDED, asked.input_tokens, asked.output_tokens)

    def _bill(self, asked: Asked, version: str) -> None:
        self.usage.prompt_versions[asked.step] = version
        self.usage.model_names[RECORDED] = None
        self.usage.calls += 1
        self.usage.input_tokens += asked.input_tokens
        self.usage.output_tokens += asked.output_tokens


def _asked(question: Question[FormT], attempts: Sequence[Attempt]) -> Asked:
    earlier = attempts[-1].findings if attempts else ()
    version = question.prompt.version
    return Asked(question.step, digest_of(question), len(attempts), earlier=earlier, version=version)


def read_recording(*files: Path) -> dict[tuple[str, str, int], str]:
    """Recorded answers out of JSON Lines files; a later file goes before an earlier one."""
    answers = {}
    for file in files:
        for line in file.read_bytes().splitlines():
            entry = orjson.loads(line)
            answers[entry["step"], entry["digest"], entry["attempt"]] = entry["text"]
    return answers


def outdated(files: Iterable[Path], versions: Mapping[str, str]) -> int:
    """How many answers were recorded for another version of their prompt than the one there is."""
    entries = (orjson.loads(line) for file in files for line in file.read_bytes().splitlines())
    return sum(bool(one.get("version")) and one["version"] != versions.get(one["step"]) for one in entries)


def write_recording(file: Path, asked: Iterable[Asked]) -> int:
    """Write the answers as JSON Lines, sorted so that a recording made again differs in little; gives their number."""
    entries = sorted(asked, key=lambda one: (one.step, one.digest, one.attempt))
    lines = [
        json.dumps(
            {"step": one.step, "version": one.version, "digest": one.digest, "attempt": one.attempt, "text": one.text},
            ensure_ascii=False,
        )
        for one in entries
    ]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)
