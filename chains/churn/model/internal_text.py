"""Checks of what a model writes for the house: figures, days and names only as given, plain text, no person."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping

from chains.churn.model.house_words import off_the_matter
from chains.evidence import Fact, Statement
from chains.grounding.claims import Claims
from chains.grounding.names import NameIndex
from chains.grounding.policy import DraftPolicy
from chains.grounding.surface import no_markup

_LINK = re.compile(r"https?:|www\.|\w@\w|\b[\w-]+\.(?:com|net|org|io|xyz|ru|info|biz|ly)\b", re.IGNORECASE)
_POLICY = DraftPolicy(allowed_numbers=frozenset({"1", "2"}))


def wrong_with_text(
    name: str,
    text: str,
    lines: Mapping[str, str],
    *,
    as_of: dt.date,
    most_chars: int,
    mask: Callable[[str], str],
    names: NameIndex,
    own_names: Iterable[str],
) -> list[str]:
    """What keeps a text from standing in the report; empty when nothing does.

    Args:
        name: How the text is called in what is said.
        text: What the model wrote.
        lines: What it was given, by reference; its figures and days may stand in the text.
        as_of: The day of the run.
        most_chars: The longest text.
        mask: Takes persons out of a text.
        names: Every account's name.
        own_names: The names that may stand in it.
    """
    if not text.strip():
        return [f"{name} is empty"]
    wrong = []
    if len(text) > most_chars:
        wrong.append(f"{name} is longer than {most_chars} characters")
        text = text[:most_chars]
    facts = {ref: Fact(fact_id=f"line:{ref}:text", source="", record_id=ref, field="text", value=line)
             for ref, line in lines.items()}  # fmt: skip
    claims = Claims(
        "", text, [Statement(text=text, fact_ids=list(facts))], facts, as_of, _POLICY, "en", spans_may_stand=True
    )
    checks = (claims.numbers_supported(), claims.dates_supported(), no_markup("", text))
    wrong += [f"{name}: {check.detail.replace('body: ', '')}" for check in checks if not check.passed]
    if _LINK.search(text):
        wrong.append(f"{name}: leave addresses out")
    own = tuple(own_names)
    if any(names.others_in(text, own)):
        wrong.append(f"{name}: names another customer")
    wrong += [f"{name}: {found}" for found in off_the_matter(text, lines.values(), own)]
    if mask(text) != text:
        wrong.append(f"{name}: names a person; name nobody")
    return wrong
