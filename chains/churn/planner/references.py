"""Resolves "the first one", "number 3", "the last" and "them" to accounts of the previous answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chains.churn.planner.exclusion import left_out_from
from chains.churn.planner.reading import Hit, Reading
from chains.churn.planner.tables import number_words, ordinals

_THING = (
    r"(?:(?:one|account|customer|client|company|result|entry|row|name|item|e mail|email|mail|draft|message"
    r"|letter)(?: s)?)"
)
_WHERE = r"(?: (?:on|in|of) (?:the|that|your|this) list)?"
_ORDINAL = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|1st|2nd|3rd|[4-9]th|10th"
_ORDINAL_ELSEWHERE = (
    "ersten?|erstes|erster|zweiten?|zweites|zweiter|dritten?|drittes|dritter|vierten?|funften?|premier|premiere"
    "|deuxieme"
    "|troisieme|quatrieme|cinquieme|primero|primera|segundo|segunda|tercero|tercera|cuarto|cuarta|quinto|quinta"
)
_NOT_TIME_ELSEWHERE = (
    r"(?! (?:quartal|halbjahr|halfte|woche|monat|jahr|tag|trimestre|semestre|semaine|mois|annee|jour|semana|mes|ano|dia"
    r"|\d+|drei|zwei|funf|zehn|trois|cinq|tres|cinco))"
)
_SOME = r"\d{1,3}|two|three|four|five|six|seven|eight|nine|ten"
_NOT_TIME = r"(?! (?:quarter|half|week|month|year|day|of|[0-9]+ (?:days|weeks|months)))"
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("several", (
        r"(?:numbers?|nos?|#|accounts?|customers?) (?:\. )?(?P<a>\d{1,3}) (?:and|,|or) (?:(?:number|no"
        r"|#) )?(?P<b>\d{1,3})(?! (?:days|weeks|months|%|percent|k))"
    )),
    ("first_some", (
        rf"(?:the )?first (?P<n>{_SOME})(?: (?:ones|accounts|customers|of them|of those))?(?! (?:days|weeks|months"
        r"|quarters|years))"
    )),
    ("last_some", (
        rf"the (?:last|bottom) (?P<n>{_SOME})(?: (?:ones|accounts|customers|of them))?(?! (?:days|weeks|months"
        r"|quarters|years))"
    )),
    ("number", (
        r"(?:the )?(?:number|no|nr|nummer|numero|#|account|customer|rank|position|item"
        rf"|place) (?:\. )?(?:number )?(?P<n>\d{{1,3}}|one|two|three|four|five|six|seven|eight|nine"
        rf"|ten){_WHERE}(?! (?:days|weeks|months|%|percent|k|quarters))"
    )),
    ("ordinal", (
        rf"(?:the |that |this )?(?P<o>{_ORDINAL}) {_THING}{_WHERE}|(?:the )(?P<o2>{_ORDINAL}){_WHERE}{_NOT_TIME}"
    )),
    ("ordinal", (
        rf"(?:der|die|das|den|dem|le|la|l|el|los|du|au|al|del) (?P<o>{_ORDINAL_ELSEWHERE})(?: (?:kunden?|konto"
        rf"|client|compte"
        rf"|cliente|cuenta|eintrag))?{_NOT_TIME_ELSEWHERE}|(?:kunde|nummer|client|cliente"
        rf"|numero) (?P<o2>{_ORDINAL_ELSEWHERE})"
    )),
    ("last", (
        r"(?:der|die|das|den|dem) letzten?|(?:le|la) dernie(?:r|re)|el ultimo|la ultima"
    )),
    ("last", (
        rf"(?:the |that )?(?:last|bottom|final) {_THING}{_WHERE}|the last{_WHERE}(?! (?:\S+ )?(?:quarters?|weeks?"
        r"|months?|years?|days?|half|filters?|\d+))"
    )),
    ("top", rf"(?:the )?(?:top (?:one|of the list)|one at the top|top account)(?: {_WHERE})?"),
)  # fmt: skip
_SCENE = (
    r"(?:what|how) (?:does|do|did|would|will|is|are|s) (?:it|that|this|things|the (?:picture|situation))"
    r" (?:look(?:s|ing)?|be|like|stand|change|compare)(?: like)?|(?:what|how) (?:it|that|this) (?:looks|is"
    r"|would be)(?: like)?"
    r"|how (?:is|s) (?:it|that)(?= (?:in|for|with) )"
)
_ONE = (
    r"that (?:account|customer|client|company|one)(?: s)?|this (?:account|customer|client|company|one)(?: s)?"
    r"|the same (?:account|customer|one)|that one|it"
)
_THEM = (
    r"(?:all (?:of )?)?them(?: all)?|both(?: of them)?|(?:these|those) (?:accounts|customers|clients|companies"
    r"|ones)(?= (?:\?|\.|!|in (?:german|french|english|spanish))|$)"
)


@dataclass(slots=True)
class References:
    """Accounts of the previous answer: ids meant one by one, and whether a lone or common pronoun was used."""

    ids: list[str] = field(default_factory=list)
    one: list[Hit] = field(default_factory=list)
    them: list[Hit] = field(default_factory=list)
    named: bool = False
    left_out: list[str] = field(default_factory=list)


def references_in(reading: Reading, previous_ids: Sequence[str]) -> References:
    """The references in the question; those that point past the answer's end are flagged."""
    references = References()
    for kind, pattern in _PATTERNS:
        for hit in list(reading.find(pattern)):
            numbers = _numbers(kind, hit, len(previous_ids))
            references.named = True
            if numbers and all(1 <= number <= len(previous_ids) for number in numbers):
                meant = [previous_ids[number - 1] for number in numbers]
                negated = left_out_from(reading, hit.first)
                target = references.ids if negated is None else references.left_out
                target += [account_id for account_id in meant if account_id not in target]
                reading.take(hit.first if negated is None else negated, hit.last)
            else:
                reading.take(hit.first, hit.last, "flag")
    reading.take_all(_SCENE)
    references.one = reading.take_all(_ONE)
    references.them = reading.take_all(_THEM)
    return references


def _numbers(kind: str, hit: Hit, count: int) -> list[int]:
    if kind == "several":
        return [int(hit.group("a")), int(hit.group("b"))]
    if kind in {"first_some", "last_some"}:
        some = min(_number(hit.group("n")), count)
        return list(range(1, some + 1)) if kind == "first_some" else list(range(count - some + 1, count + 1))
    if kind == "number":
        return [_number(hit.group("n"))]
    if kind == "ordinal":
        return [ordinals()[hit.group("o") or hit.group("o2")]]
    return [count] if kind == "last" else [1]


def _number(word: str) -> int:
    return int(word) if word.isdigit() else number_words()[word]
