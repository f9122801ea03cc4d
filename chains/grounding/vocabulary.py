"""The words of a supplier's letter to a business customer, in four languages, inflected forms among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources
from typing import Any, NamedTuple

import snowballstemmer
import yaml

from chains.grounding.reading import lowered
from chains.grounding.tables import LANGUAGES, compiled, number_words

_STEMMERS = {"en": "english", "de": "german", "fr": "french", "es": "spanish"}
_SMALL = ("function", "numbers", "prefixes")
_NOT_WORDS = frozenset({"never", "sensitive", "requests", "prefixes", "endings", "anchors"})
_PARTS = re.compile(r"[^\W\d_]+")
# How infinitives end, and how the last letters of a root may change before some endings (buscar, busque).
_INFINITIVES = {"fr": ("er", "ir", "re"), "es": ("ar", "er", "ir")}
_RESPELT = {
    "fr": (("g", "ge"), ("y", "i"), ("l", "ll"), ("t", "tt")),
    "es": (("c", "qu"), ("g", "gu"), ("z", "c"), ("g", "j"), ("gu", "g"), ("c", "zc")),
}
_CLITICS = re.compile(r"(?:(?:se|me|te|nos)?(?:les?|los?|las?)|se|me|te|nos)$")
_COMPARED = re.compile(r"(?:er|est)$")
_LONGEST = 40
_LONGEST_PART = 22
_GERMAN_LINKS = ("s", "es", "n", "en", "e", "er", "ns")


class Words(NamedTuple):
    """The words of one language, folded: lower case without accents.

    Attributes:
        small: Words that hold sentences together; they are no content.
        exact: Words as listed.
        stems: Stems of all words.
        roots: What verbs of French and Spanish keep in every regular form.
        endings: What regular forms of verbs (in German of nouns, too) end in, beyond what the stemmer takes off.
        prefixes: What may stand before a known word.
        anchors: What a letter to a customer is about, and the people in it, as listed and as stems.
        never: Words of other matters; no fact makes them part of a letter.
        sensitive: Words that need a fact wherever they stand.
    """

    small: frozenset[str]
    exact: frozenset[str]
    stems: frozenset[str]
    roots: frozenset[str]
    endings: frozenset[str]
    prefixes: frozenset[str]
    anchors: frozenset[str]
    never: frozenset[str]
    sensitive: frozenset[str]


@cache
def _table(name: str) -> dict[str, Any]:
    text = resources.files("chains.grounding").joinpath(f"words/letter/{name}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def _listed(language: str, keys: Iterable[str]) -> Iterable[str]:
    for key in keys:
        for word in str(_table(language).get(key, "")).split():
            yield from _PARTS.findall(word.lower()) if not word.isalpha() else (word.lower(),)


@cache
def words(language: str) -> Words:
    """The words of the language, those of software in every language among them."""
    own = _table(language)
    small = frozenset(map(lowered, _listed(language, _SMALL)))
    content = [*_listed(language, [key for key in own if key not in _NOT_WORDS and key not in _SMALL])]
    # Software speaks English in every language.
    content += [*_listed("any", ["software"]), *_listed("en", ["product"])]
    exact = small | frozenset(map(lowered, content))
    long = [word for word in _listed(language, ["function", "numbers"]) if len(word) > 3]
    # "intern" and "interne" have different stems in German.
    forms = [*content, *long]
    if language == "de":
        forms += [word + "e" for word in (*_listed(language, ["adjectives", "general"]), *long)]
    stems = frozenset(stem for word in forms for stem in stems_of(word, language) if len(stem) > 2)
    refused = {key: [*_listed(language, [key])] for key in ("never", "sensitive")}
    return Words(
        small=small,
        exact=exact,
        stems=stems,
        roots=_roots(language),
        endings=frozenset(_listed(language, ["endings"])),
        prefixes=frozenset(map(lowered, _listed(language, ["prefixes"]))),
        anchors=_with_stems(_listed(language, ["anchors"]), language),
        never=_with_stems(refused["never"], language) - stems - exact,
        sensitive=_with_stems(refused["sensitive"], language) - stems - exact,
    )


def _roots(language: str) -> frozenset[str]:
    """Infinitives without their ending, in the spellings that the endings make of them (buscar, busque)."""
    endings = _INFINITIVES.get(language, ())
    listed = map(lowered, _listed(language, ["verbs", "courtesy", "general"]))
    roots = {folded[:-2] for folded in listed if folded[-2:] in endings}
    respelt = _RESPELT.get(language, ())
    roots |= {root.removesuffix(old) + new for root in roots for old, new in respelt if root.endswith(old)}
    return frozenset(roots)


def _with_stems(listed: Iterable[str], language: str) -> frozenset[str]:
    found = list(listed)
    return frozenset(map(lowered, found)) | frozenset(stem for word in found for stem in stems_of(word, language))


@cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(_STEMMERS[language])


@lru_cache(maxsize=65536)
def stems_of(word: str, language: str) -> tuple[str, ...]:
    """The stem of a word in lower case, folded, and the stem of the word without accents where that is another."""
    stemmer = _stemmer(language)
    stem, plain = lowered(stemmer.stemWord(word)), lowered(word)
    if plain == word:
        return (stem,)
    other = lowered(stemmer.stemWord(plain))
    return (stem,) if other == stem else (stem, other)


@lru_cache(maxsize=65536)
def is_known(word: str, language: str) -> bool:
    """Whether the word, in lower case, belongs to a letter: listed, inflected, prefixed, or put together (German)."""
    known = words(language)
    folded = lowered(word)
    # Numbers are another check's matter.
    if folded in known.exact or folded in number_words():
        return True
    if len(folded) < 3 or len(folded) > _LONGEST or is_refused(word, language):
        return False
    if not known.stems.isdisjoint(stems_of(word, language)):
        return True
    if language == "de":
        return _is_put_together(folded, parts_left=4)
    return _is_inflected(folded, language) or any(
        folded.startswith(prefix) and len(folded) >= len(prefix) + 4 and _is_simple(folded[len(prefix) :], language)
        for prefix in known.prefixes
    )


def _is_inflected(folded: str, language: str) -> bool:
    """Whether it is a form that the stemmer leaves alone: arrivent, usan, busiest."""
    known = words(language)
    if language == "en":
        core = _COMPARED.sub("", folded)
        return core != folded and any(form in known.exact for form in (core, core + "e", core[:-1], core[:-1] + "y"))
    bare = _CLITICS.sub("", folded) if language == "es" else folded
    if bare != folded and bare in known.exact:
        return True
    return any(
        form[at:] in known.endings and form[:at] in known.roots for form in {folded, bare} for at in range(2, len(form))
    )


@lru_cache(maxsize=65536)
def is_refused(word: str, language: str) -> str:
    """`never` or `sensitive` for a word in lower case that is one, else ""."""
    known = words(language)
    folded = lowered(word)
    if folded in known.exact:
        return ""
    forms = {folded, *stems_of(word, language)}
    if forms & known.never:
        return "never"
    return "sensitive" if forms & known.sensitive else ""


def holds_refused(word: str, language: str) -> bool:
    """Whether a word in lower case begins or ends with one of other matters (Hollywoodstar)."""
    folded = lowered(word)
    return any(len(part) > 5 and (folded.startswith(part) or folded.endswith(part)) for part in words(language).never)


@lru_cache(maxsize=65536)
def is_small(word: str, language: str) -> bool:
    """Whether the word only holds sentences together."""
    return lowered(word) in words(language).small


@lru_cache(maxsize=65536)
def is_anchor(word: str, language: str) -> bool:
    """Whether the word, in lower case, is what letters to customers are about, or names one of the people in them."""
    anchors = words(language).anchors
    folded = lowered(word)
    if folded in anchors or not anchors.isdisjoint(stems_of(word, language)):
        return True
    return language == "de" and any(folded.endswith(part) for part in anchors if len(part) > 4)


def _is_simple(folded: str, language: str) -> bool:
    known = words(language)
    if folded in known.never or folded in known.sensitive:
        return False
    if folded in known.exact or not known.stems.isdisjoint(stems_of(folded, language)):
        return True
    return language != "de" and _is_inflected(folded, language)


def _is_put_together(folded: str, parts_left: int) -> bool:
    known = words("de")
    if _is_german_form(folded):
        return True
    if parts_left == 1:
        return False
    for at in range(2, min(len(folded) - 2, _LONGEST_PART)):
        if _is_first_part(folded[:at], known) and _is_rest(folded[at:], known, parts_left - 1):
            return True
    return False


def _is_rest(rest: str, known: Words, parts_left: int) -> bool:
    if rest in known.never or rest in known.sensitive:
        return False
    content = rest in known.exact and rest not in known.small
    if content or (rest[:2] == "zu" and rest[2:] in known.exact and rest[2:] not in known.small):
        return True
    return len(rest) > 3 and (not known.stems.isdisjoint(stems_of(rest, "de")) or _is_put_together(rest, parts_left))


def _is_first_part(part: str, known: Words) -> bool:
    if part in known.prefixes:
        return True
    if len(part) < 3 or part in known.small:
        return False
    if part in known.exact or (len(part) > 3 and part in known.stems):
        return True
    return any(part.endswith(link) and _is_noun_or_root(part[: -len(link)], known) for link in _GERMAN_LINKS)


def _is_noun_or_root(part: str, known: Words) -> bool:
    return len(part) > 2 and (
        (part in known.exact and part not in known.small) or (len(part) > 3 and part in known.stems)
    )


def _is_german_form(folded: str) -> bool:
    known = words("de")
    for stem in stems_of(folded, "de"):
        core = stem.removeprefix("ge")
        for form in {stem, core}:
            if len(form) > 3 and form in known.stems:
                return True
            if any(form[at:] in known.endings and form[:at] in known.stems for at in range(3, len(form))):
                return True
    return False


@cache
def requests() -> dict[str, re.Pattern[str]]:
    """For each language, what is never asked of a customer; for folded text with single spaces and no commas."""
    return {language: compiled(_table(language)["requests"]) for language in LANGUAGES}


@cache
def orders() -> re.Pattern[str]:
    """How a text that a customer wrote addresses a machine; for folded text."""
    return compiled(_table("any")["orders"])
