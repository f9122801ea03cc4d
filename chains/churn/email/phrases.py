"""The phrase books: the words of each language, checked when read, and which of their variants a mail takes."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from chains.churn.email.language import Language
from chains.churn.email.parties import Tone
from chains.churn.email.story import STORY_KEYS
from prompts.loader import load_text

VARIANTS = 11
"""How many variants a slot has; a prime at least as large as the number of slots (see `variant_of`)."""

SLOTS = ("sign_off", "lead", "state", "regret", "care", "second", "proposal", "agenda", "close", "structure", "seats")


class PhraseBook(BaseModel):
    """One language's words: fixed phrases by name, and for each slot eleven sentences that can replace one another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    quote: tuple[str, str]
    ticket: str
    salutation: dict[Tone, dict[str, str]]
    sign_off: dict[Tone, list[str]]
    unsigned: str
    when: dict[str, str]
    offers: dict[str, str]
    about: dict[str, str]
    agenda: dict[str, tuple[str, str]]
    subject: dict[str, list[str]]
    slots: dict[str, list[str]]

    def model_post_init(self, _context: Any) -> None:
        """Refuse a book whose slots do not hold the number of variants that keeps mails apart."""
        lists = {**self.slots, **{f"sign_off.{tone}": closings for tone, closings in self.sign_off.items()}}
        short = [name for name, sentences in lists.items() if len(set(sentences)) != VARIANTS]
        if short:
            raise ValueError(f"slots without {VARIANTS} different sentences: {', '.join(sorted(short))}")


class Structures(BaseModel):
    """The paragraph structures of each kind of story, and what is left out first of a mail that is too long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    ticket: list[list[list[str]]] = Field(min_length=5)
    leaving: list[list[list[str]]] = Field(min_length=5)
    notice: list[list[list[str]]] = Field(min_length=4)
    praise: list[list[list[str]]] = Field(min_length=5)
    review: list[list[list[str]]] = Field(min_length=5)
    droppable: list[str]


@cache
def phrase_book(language: Language) -> PhraseBook:
    """The phrase book of a language."""
    return PhraseBook.model_validate(yaml.safe_load(load_text(f"churn/phrases/{language}.yaml")))


@cache
def structures() -> Structures:
    """The paragraph structures, the same for every language."""
    return Structures.model_validate(yaml.safe_load(load_text("churn/structures.yaml")))


def variant_of(slot: str, story_key: str, variant: int) -> int:
    """Which of a slot's variants the mail takes.

    The numbers are values of a polynomial of degree two over the integers modulo 11 at the slot's position,
    so that two different mails of one story (its first 121 variants) share at most one slot, and mails of
    different stories or beyond that at most two.

    Source: Reed and Solomon, Polynomial codes over certain finite fields, 1960.
    """
    wrap, story = divmod(STORY_KEYS.index(story_key), VARIANTS)
    count = variant + 61 * wrap
    constant, linear, square = count, count // VARIANTS, story + count // VARIANTS**2
    at = SLOTS.index(slot)
    return (constant + linear * at + square * at * at) % VARIANTS
