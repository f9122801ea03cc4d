"""The lexicons: what each YAML file says a word or pattern means, ready to match."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Literal

import yaml

from chains.churn.tickets.patterns import compile_pattern, spellings
from chains.churn.tickets.reading import LANGUAGES, TOPICS

Kind = Literal[
    "leave", "benign", "stay", "sentiment", "courtesy", "sarcasm", "mock", "trouble", "relief", "instruction", "topic"
]
_LISTS: tuple[Kind, ...] = ("benign", "stay", "courtesy", "sarcasm", "mock", "trouble", "relief", "instruction")
OWN_LANGUAGE_MARK = "@"


@dataclass(frozen=True, slots=True)
class Cue:
    """What a match means: its kind, canonical name and weight.

    `own_language` cues count only in a text of their language; `says_no` cues carry their own negation.
    """

    kind: Kind
    name: str
    weight: float
    language: str
    own_language: bool = False
    says_no: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """A regular expression over one sentence, run only when its anchor word occurs there."""

    cue: Cue
    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All languages together; anchors are written `word`, `prefix*` or `~part`."""

    cues: Mapping[str, tuple[Cue, ...]]
    gates: Mapping[str, tuple[Gate, ...]]
    function_words: Mapping[str, frozenset[str]]
    negators: frozenset[str]
    late_negators: frozenset[str]
    clause_starts: frozenset[str]
    intensifiers: frozenset[str]
    dampers: frozenset[str]
    contrasts: frozenset[str]
    own_speakers: frozenset[str]
    often_misspelt: frozenset[str]


@dataclass(slots=True)
class _Collected:
    cues: defaultdict[str, list[Cue]] = field(default_factory=lambda: defaultdict(list))
    regexes: defaultdict[tuple[str, Cue], list[str]] = field(default_factory=lambda: defaultdict(list))
    words: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def load_lexicon() -> Lexicon:
    """Read and compile the lexicon of every language.

    Raises:
        ValueError: A lexicon holds a pattern, topic or section that does not exist.
    """
    collected = _Collected()
    function_words: dict[str, frozenset[str]] = {}
    folder = resources.files("chains.churn.tickets").joinpath("lexicon")
    for language in LANGUAGES:
        source = yaml.safe_load(folder.joinpath(f"{language}.yaml").read_text(encoding="utf-8"))
        function_words[language] = _plain_words(source["function_words"])
        _collect(source, language, collected)
    gates: defaultdict[str, list[Gate]] = defaultdict(list)
    for (anchor, cue), regexes in collected.regexes.items():
        gates[anchor].append(Gate(cue, re.compile(rf"(?<= )(?:{'|'.join(regexes)})")))
    words = {name: frozenset(found) for name, found in collected.words.items()}
    return Lexicon(
        cues={anchor: tuple(dict.fromkeys(found)) for anchor, found in collected.cues.items()},
        gates={anchor: tuple(found) for anchor, found in gates.items()},
        function_words=function_words,
        **words,
    )


_WORD_LISTS = (
    "negators",
    "late_negators",
    "clause_starts",
    "intensifiers",
    "dampers",
    "contrasts",
    "own_speakers",
    "often_misspelt",
)


def _plain_words(text: str) -> frozenset[str]:
    return frozenset(form for word in text.split() for form in spellings(word))


def _collect(source: Mapping[str, Any], language: str, into: _Collected) -> None:
    for name in _WORD_LISTS:
        into.words[name] |= _plain_words(source.get(name, ""))
    common = _plain_words(source["function_words"]) | _plain_words(source["common_words"])
    refusals = _plain_words(source["negators"]) | _plain_words(source.get("late_negators", ""))
    macros: Mapping[str, str] = source["words"]
    for kind, name, weight, text in _patterns(source):
        own_language = text.endswith(OWN_LANGUAGE_MARK)
        compiled = compile_pattern(text.rstrip(OWN_LANGUAGE_MARK), macros, common)
        says_no = bool(compiled.words & refusals)
        cue = Cue(kind, name, weight, language, own_language, says_no)
        for anchor in compiled.anchors:
            if compiled.regex:
                into.regexes[anchor, cue].append(compiled.regex)
            else:
                into.cues[anchor].append(cue)


def _patterns(source: Mapping[str, Any]) -> Iterator[tuple[Kind, str, float, str]]:
    for kind in ("leave", "sentiment"):
        for name, by_weight in source[kind].items():
            for weight, texts in by_weight.items():
                for text in texts:
                    yield kind, name, float(weight), str(text)
    for kind in _LISTS:
        for text in source[kind]:
            yield kind, kind, 1.0, str(text)
    for topic, by_weight in source["topics"].items():
        if topic not in TOPICS:
            raise ValueError(f"no such topic: {topic}")
        for weight, texts in by_weight.items():
            for text in texts:
                yield "topic", topic, float(weight), str(text)
