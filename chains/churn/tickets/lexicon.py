"""The lexicons: what each YAML file says a word or pattern means, ready to match."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from typing import Any, Literal

import yaml

from chains.churn.tickets.patterns import MOST_NEEDS, Compiled, PatternCompiler, spellings
from chains.churn.tickets.reading import LANGUAGES, TOPICS
from connectors.decoding import paused_collector

Kind = Literal[
    "leave",
    "benign",
    "open",
    "stay",
    "sentiment",
    "courtesy",
    "sarcasm",
    "mock",
    "trouble",
    "relief",
    "instruction",
    "no_calls",
    "topic",
]
_LISTS: tuple[Kind, ...] = (
    *("benign", "open", "stay", "courtesy", "sarcasm", "mock", "trouble", "relief", "instruction", "no_calls"),
)
OWN_LANGUAGE_MARK = "@"
# A lone word of feeling is often another one in another language ("patience", "fast"); English is at home anywhere.
_MOODS = frozenset({"sentiment", "courtesy", "mock", "trouble", "relief"})
LINGUA_FRANCA = "en"
_WORD_LISTS = (
    "negators",
    "late_negators",
    "clause_starts",
    "intensifiers",
    "dampers",
    "contrasts",
    "own_speakers",
    "other_speakers",
    "often_misspelt",
)
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The libyaml loader is some ten times as fast; without it the same text is only read more slowly.


@dataclass(frozen=True, slots=True)
class Cue:
    """What a match means: its kind, canonical name and weight.

    `own_language` cues count only in a text of their language; `says_no` cues carry their own negation; a `frame`
    covers its whole sentence.
    """

    kind: Kind
    name: str
    weight: float
    language: str
    own_language: bool = False
    says_no: bool = False
    frame: bool = False


@dataclass(frozen=True, eq=False)
class Gate:
    """A regular expression over one sentence, compiled when a sentence first has all the words it needs."""

    cue: Cue
    pattern: Compiled

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled expression."""
        return re.compile(self.pattern.source())


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All languages together.

    Words that `cues` and `needs` are keyed by are written `word`, `prefix*` or `~part`. `needs[word]` are bits: bit
    `n * len(gates) + g` says that the word meets the n-th of the `MOST_NEEDS` needs of gate g; `spared` are the bits
    of needs that gates do not have. A gate may match only where all its bits are met.
    """

    cues: Mapping[str, tuple[Cue, ...]]
    gates: Sequence[Gate]
    needs: Mapping[str, int]
    spared: int
    function_words: Mapping[str, frozenset[str]]
    negators: frozenset[str]
    late_negators: frozenset[str]
    clause_starts: frozenset[str]
    intensifiers: frozenset[str]
    dampers: frozenset[str]
    contrasts: frozenset[str]
    own_speakers: frozenset[str]
    other_speakers: frozenset[str]
    often_misspelt: frozenset[str]


@dataclass(slots=True)
class _Collected:
    cues: defaultdict[str, list[Cue]] = field(default_factory=lambda: defaultdict(list))
    gates: list[Gate] = field(default_factory=list)
    needs: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * MOST_NEEDS))
    spared: list[int] = field(default_factory=lambda: [0] * MOST_NEEDS)
    words: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def load_lexicon() -> Lexicon:
    """Read the lexicon of every language.

    Raises:
        ValueError: A lexicon holds a pattern or topic that does not exist.
        KeyError: A lexicon lacks a section.
    """
    with paused_collector():  # Fifty thousand objects that all stay: looking for garbage costs a fifth of the time.
        return _load()


def _load() -> Lexicon:
    collected = _Collected()
    function_words: dict[str, frozenset[str]] = {}
    folder = resources.files("chains.churn.tickets").joinpath("lexicon")
    for language in LANGUAGES:
        text = folder.joinpath(f"{language}.yaml").read_text(encoding="utf-8")
        source = yaml.load(text, _LOADER)  # noqa: S506 (a safe loader either way)
        function_words[language] = _plain_words(source["function_words"])
        _collect(source, language, collected)
    size = len(collected.gates)
    return Lexicon(
        cues={word: tuple(dict.fromkeys(found)) for word, found in collected.cues.items()},
        gates=collected.gates,
        needs={word: _packed(bits, size) for word, bits in collected.needs.items()},
        spared=_packed(collected.spared, size),
        function_words=function_words,
        **{name: frozenset(found) for name, found in collected.words.items()},
    )


def _packed(bits: Sequence[int], size: int) -> int:
    return sum(one << place * size for place, one in enumerate(bits))


def _plain_words(text: str) -> frozenset[str]:
    return frozenset(form for word in text.split() for form in spellings(word))


def _collect(source: Mapping[str, Any], language: str, into: _Collected) -> None:
    for name in _WORD_LISTS:
        into.words[name] |= _plain_words(source.get(name, ""))
    common = _plain_words(source["function_words"]) | _plain_words(source["common_words"])
    refusals = _plain_words(source["negators"]) | _plain_words(source.get("late_negators", ""))
    subjects = _plain_words(source.get("own_subjects", ""))
    compiler = PatternCompiler(source["words"], common)
    for kind, name, weight, text in _patterns(source):
        own_language = text.endswith(OWN_LANGUAGE_MARK)
        # A harmless phrase never spans two clauses: "a customer ... we want to cancel" is no customer's cancellation.
        barred = subjects if kind == "benign" else frozenset()
        compiled = compiler.compile(text.rstrip(OWN_LANGUAGE_MARK), barred)
        if compiled.single and kind in _MOODS and language != LINGUA_FRANCA:
            own_language = True
        says_no = compiled.frame or bool(compiled.words & refusals)
        cue = Cue(kind, name, weight, language, own_language, says_no, compiled.frame)
        if not compiled.single:
            _add_gate(Gate(cue, compiled), into)
        else:
            for word in compiled.needs[0]:
                marked = word.endswith(OWN_LANGUAGE_MARK)
                into.cues[word.rstrip(OWN_LANGUAGE_MARK)].append(replace(cue, own_language=True) if marked else cue)


def _add_gate(gate: Gate, into: _Collected) -> None:
    needs = gate.pattern.needs
    bit = 1 << len(into.gates)
    into.gates.append(gate)
    for place in range(MOST_NEEDS):
        if place >= len(needs):
            into.spared[place] |= bit
        else:
            for word in needs[place]:
                into.needs[word][place] |= bit


def _patterns(source: Mapping[str, Any]) -> Iterator[tuple[Kind, str, float, str]]:
    for kind in ("leave", "sentiment"):
        for name, by_weight in source[kind].items():
            for weight, texts in by_weight.items():
                for text in texts:
                    yield kind, name, float(weight), str(text)
    for kind in _LISTS:
        for text in source.get(kind, ()):
            yield kind, kind, 1.0, str(text)
    for topic, by_weight in source["topics"].items():
        if topic not in TOPICS:
            raise ValueError(f"no such topic: {topic}")
        for weight, texts in by_weight.items():
            for text in texts:
                yield "topic", topic, float(weight), str(text)
