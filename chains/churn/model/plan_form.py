"""What a model may say of a question: records of its parts, checked word by word against question and data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chains.churn.config import ChurnConfig
from chains.churn.planner import Vocabulary
from chains.churn.planner.drafts import drafts_in
from chains.churn.planner.filters import filters_in
from chains.churn.planner.reading import Reading
from chains.churn.planner.settled import is_settled
from chains.churn.schema import Plan
from chains.models import AnswerForm

Field = Literal[
    "segment", "region", "country", "industry", "account", "period", "renewal", "min_revenue", "max_revenue", "risk",
    "top", "sort", "drafts", "language", "tone", "length", "filler", "cannot",
]  # fmt: skip
KINDS = ("segment", "region", "country", "industry")
"""The fields whose values are the payload's own."""

_REASON = re.compile(r" \([^()\d]*\)$")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "sort": ("risk", "revenue", "renewal", "revenue_at_risk", "name"),
    "drafts": ("yes", "no"),
    "language": ("en", "de", "fr", "es"),
    "tone": ("formal", "friendly", "direct"),
    "length": ("short", "long"),
}
_BANDS = ("at_risk", "medium", "high", "critical", "any")
_MOST_RECORDS = 20
_MOST_VALUES = 60
_MOST_TOP = 1_000
_MOST_REVENUE = 1e12
_MOST_FILLER_WORDS = 5
_YEARS = (2000, 2100)
_CURRENCY = re.compile(r"[A-Z]{3}")
# "Drop each a line", "schreib", "rédige", "escribe": words that speak of writing, as stems.
_WRITING = re.compile(
    r"(?:writ|wrot|draft|compos|e?mail|messag|note|letter|lines?$|pen(?:s|ned)?$|text|word|reach|outreach|contact"
    r"|repl|ping|correspond|schreib|schrieb|nachricht|brief|entw[uo]rf|entwirf|formulier|verfass|anschreib|zeilen?$"
    r"|kontaktier|ecri|redig|redact|redac|courri|lettre|brouillon|escri|correo|carta|mensaj|borrador|lineas?$|mot$)"
)


class PartRecord(AnswerForm):
    """One part of the question: its words, the field it speaks of, and the values it names there."""

    words: str
    field: Field
    values: list[str]
    without: bool


class QuestionRecords(AnswerForm):
    """The parts of a question that the rules could not read, and what it is after."""

    records: list[PartRecord]
    intent: Literal["list", "explain", "redraft", "help"]


@dataclass(frozen=True)
class Asked:
    """What a model is asked about: the masked question, what the rules read of it, and what may be named."""

    question: str
    read: Plan
    vocabulary: Vocabulary
    as_of: dt.date
    config: ChurnConfig
    understood: bool


def words_of(text: str) -> list[str]:
    """The folded words of a text, without signs."""
    return [word for word in Reading(text).words if word[0].isalnum()]


def wrong_with(answer: QuestionRecords, asked: Asked) -> list[str]:
    """What keeps the records from being used; empty when nothing does. Says nothing in the model's own words."""
    if len(answer.records) > _MOST_RECORDS:
        return [f"there are more than {_MOST_RECORDS} records"]
    spoken = words_of(asked.question)
    wrong = [
        f"record {number} ({record.field}): {finding}"
        for number, record in enumerate(answer.records, start=1)
        for finding in _wrong_with_record(record, asked, spoken)
    ]
    return [*wrong, *_lost_filters(answer.records, asked)]


def settled_part(record: PartRecord, read: Plan) -> bool:
    """Whether the words belong to an order or a condition that the rules know no plan can express."""
    words = set(words_of(record.words))
    return any(is_settled(phrase) and words <= set(words_of(phrase.partition(" (")[0])) for phrase in read.unanswered)


def vocabulary_values(vocabulary: Vocabulary, kind: str) -> Sequence[str]:
    """The payload's values of a kind of filter."""
    values: Mapping[str, Sequence[str]] = {
        "segment": vocabulary.segments,
        "region": vocabulary.regions,
        "country": vocabulary.countries,
        "industry": vocabulary.industries,
    }
    return values[kind]


def _wrong_with_record(record: PartRecord, asked: Asked, spoken: Sequence[str]) -> Iterator[str]:
    words = words_of(record.words)
    if not stands_in(words, spoken):
        yield "its words do not stand in the question in one piece; copy them exactly"
    if record.field in ("filler", "cannot"):
        if record.field == "filler" and (len(words) > _MOST_FILLER_WORDS or any(word[0].isdigit() for word in words)):
            yield f"filler is at most {_MOST_FILLER_WORDS} words without a figure; otherwise it is cannot"
        return
    if len(record.values) > _MOST_VALUES:
        yield f"there are more than {_MOST_VALUES} values"
    elif record.without and record.field not in (*KINDS, "account"):
        yield "without is for segments, regions, countries, industries and accounts"
    elif record.field in KINDS:
        known = {value.casefold() for value in vocabulary_values(asked.vocabulary, record.field)}
        if not record.values or any(value.casefold() not in known for value in record.values):
            yield "only values of the list given; if none fits, the field is cannot"
    elif record.field == "account":
        if not record.values or any(not stands_in(words_of(value), spoken) for value in record.values):
            yield "names exactly as typed in the question"
    elif finding := _CHECKS.get(record.field, _choice)(record, asked):
        yield finding


def stands_in(words: Sequence[str], spoken: Sequence[str]) -> bool:
    """Whether the words stand among those spoken, in one piece."""
    length = len(words)
    return bool(words) and any(list(spoken[at : at + length]) == list(words) for at in range(len(spoken) - length + 1))


def repeats(phrase: str, spoken: Sequence[str]) -> bool:
    """Whether the phrase, but for the reason behind it, is of these words; a long one may end inside a word."""
    words = words_of(_REASON.sub("", phrase))
    if stands_in(words, spoken):
        return True
    return stands_in(words[:-1], spoken) and any(word.startswith(words[-1]) for word in spoken)


def _choice(record: PartRecord, asked: Asked) -> str:
    choices = _CHOICES[record.field]
    if len(record.values) != 1 or record.values[0] not in choices:
        return f"one of {', '.join(choices)}"
    if record.field != "drafts" or record.values[0] == "no":
        return ""
    if drafts_in(Reading(asked.question), styled=False).wanted is False:
        return "the question wants no drafts"
    if not any(_WRITING.match(word) for word in words_of(record.words)):
        return "drafts are wanted only by words that speak of writing"
    return ""


def days_of(record: PartRecord) -> tuple[dt.date | None, dt.date | None] | None:
    """First and last day of a span, None for an open end; None when they are no days."""
    if len(record.values) != 2 or not any(record.values):
        return None
    try:
        first, last = (dt.date.fromisoformat(value) if value else None for value in record.values)
    except ValueError:
        return None
    return first, last


def _span(record: PartRecord, asked: Asked) -> str:
    days = days_of(record)
    if days is None:
        return 'two ISO days, first and last; "" for an open end'
    first, last = days
    if any(day is not None and not _YEARS[0] <= day.year <= _YEARS[1] for day in days):
        return f"days lie between {_YEARS[0]} and {_YEARS[1]}"
    if first and last and last < first:
        return "the last day lies before the first"
    if last and last < asked.as_of:
        return "the span lies in the past, which is not scored: the field is cannot"
    return ""


def revenue_of(record: PartRecord) -> tuple[float, str] | None:
    """Amount and currency; None when they are none."""
    if len(record.values) not in (1, 2):
        return None
    amount, currency = number_of(record.values[0]), "".join(record.values[1:])
    if amount is None or not 0 < amount <= _MOST_REVENUE or (currency and not _CURRENCY.fullmatch(currency)):
        return None
    return amount, currency


def _revenue(record: PartRecord, asked: Asked) -> str:
    if revenue_of(record) is None:
        return "an amount above 0 in digits, and a currency of three capital letters or none"
    return _unlike_its_words(record)


def _risk(record: PartRecord, asked: Asked) -> str:
    if len(record.values) == 1:
        value, figure = record.values[0], number_of(record.values[0])
        if value in _BANDS:
            return ""
        if figure is not None and 0 < figure < 1:
            return _unlike_its_words(record)
    return f"one of {', '.join(_BANDS)}, or a probability between 0 and 1"


def _top(record: PartRecord, asked: Asked) -> str:
    count = number_of(record.values[0]) if len(record.values) == 1 else None
    whole = count is not None and count == int(count) and 1 <= count <= _MOST_TOP
    return _unlike_its_words(record) if whole else f"one whole number from 1 to {_MOST_TOP}"


def _unlike_its_words(record: PartRecord) -> str:
    """A finding where the words hold figures and none of them is the one given ("50k" is 50000, "60%" is 0.6)."""
    spoken = {_digits(figure) for figure in re.findall(r"\d+(?:[.,]\d+)*", record.words)} - {""}
    return "its figure is none of those in its words" if spoken and _digits(record.values[0]) not in spoken else ""


def _digits(figure: str) -> str:
    """The digits that tell, without zeros at either end."""
    return re.sub(r"\D", "", figure).strip("0")


def number_of(text: str) -> float | None:
    """The figure, or None."""
    try:
        figure = float(text) if re.fullmatch(r"\d{1,15}(?:\.\d{1,6})?", text) else None
    except ValueError:
        return None
    return figure


_CHECKS: Mapping[str, Callable[[PartRecord, Asked], str]] = {
    "period": _span,
    "renewal": _span,
    "min_revenue": _revenue,
    "max_revenue": _revenue,
    "risk": _risk,
    "top": _top,
}


def _lost_filters(records: Sequence[PartRecord], asked: Asked) -> Iterator[str]:
    """Filters that the rules read in this very question and that a record would take away without saying so.

    What the rules read as an exclusion is a guess of its reach; there a record may say which values are meant.
    """
    read = filters_in(Reading(asked.question), asked.vocabulary)
    for kind in KINDS:
        mine = [record for record in records if record.field == kind]
        named = {value.casefold() for record in mine for value in record.values}
        certain = () if kind in read.excluded else read.values.get(kind, ())
        kept = [value for value in getattr(asked.read.filters, kind) if value in certain]
        lost = [value for value in kept if value.casefold() not in named]
        if lost and any(not record.without for record in mine):
            yield f"the question names the {kind} {', '.join(lost[:5])} too: give it among the values"
