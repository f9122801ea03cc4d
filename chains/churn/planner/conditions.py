"""Finds conditions made of everyday words alone ("who like us", "without a contact"), which no rule can express."""

from __future__ import annotations

from chains.churn.planner.reading import Reading

_WORD = r"[^ ~,.;:?!]+"
_REST = rf"(?: (?!(?:and|or|but|who|which|that|whose) ){_WORD}){{0,6}}"
_ADVERB = (
    r"(?:do|does|did|don|doesn|didn|have|has|had|haven|hasn|hadn|ve|t|not|never|ever|also|still|already|actually|really"
    r"|often|always|rarely|seldom|frequently|only|just|recently|once|last|even|barely|hardly|mostly|clearly)"
)
_PRESENT = (
    r"(?:use|uses|using|like|likes|liked|love|loves|know|knows|help|helps|call|calls|called|contact|contacts|contacted"
    r"|talk|talks|talked|speak|speaks|spoke|spoken|reach|reached|follow|follows|engage|engages|engaged|approach"
    r"|approached|ask|asks|asked|share|shares|shared|answer|answers|helped|hear|heard|email|emailed|wrote|written"
    r"|met|meet"
    r"|meets|see|saw|seen|used|wanted|needed|told|promised|visit|treat|watch|try|tried|said|says|say|gave|given|got"
    r"|came"
    r"|went|took|made|ran|had)"
)
_PERFECT = (
    r"(?:asked|used|liked|loved|wanted|needed|given|said|helped|called|contacted|spoken|talked|reached|engaged|seen"
    r"|heard"
    r"|met|told|tried|made|taken|changed|written|emailed|got|gotten|come|shared|answered)"
)
_HELPING = r"(?:have|has|had|haven|hasn|hadn|ve)"
_QUANTITY = (
    r"(?:a|an|no|any|the|new|only|just|more|less|fewer|than|at|least|most|\d+|one|two|three|four|five|few|many|several"
    r"|multiple|different|another|same|good|bad|big|old|dedicated|named|known|single)"
)
_THING = (
    r"(?:contacts?|owners?|managers?|csms?|meetings?|calls?|people|persons?|contracts?|terms?|regions?|countries"
    r"|calendar"
    r"|plans?|actions?|directors?|heads?|priorit(?:y|ies)|focus|information|data|account (?:managers?|owners?|teams?))"
)
_CLAUSES = (
    rf"(?:who|that|which|whom)(?: {_ADVERB})* {_PRESENT}{_REST}",
    rf"(?:who|that|which|whom) (?:we|i|they|you)(?: {_ADVERB})* {_PRESENT}{_REST}",
    rf"(?<!i )(?<!we ){_HELPING}(?: {_ADVERB})* {_PERFECT}{_REST}",
)
_WITH = (
    rf"(?:with|without)(?: {_QUANTITY})+ {_THING}"
    r"(?! (?:details?|names?|info|information|data|that|whose|ending|expiring|up))"
)
_OWN = r"(?:with|without) (?:contacts?|owners?|managers?|csms?)(?= |$)"
_FORMERLY = r"(?:who |that |which )?(?:used to|formerly|no longer|previously)(?: be)?(?= (?:at|in|on|likely|risky))"
_AFTER = frozenset(
    [
        "customers",
        "customer",
        "accounts",
        "account",
        "clients",
        "client",
        "companies",
        "ones",
        "those",
        "risk",
        "churn",
        "leave",
        "leaving",
        ",",
        "~",
    ]
)


def flag_counted(reading: Reading) -> None:
    """Flag "with two contracts", "without an owner" and "used to be" before their numbers and risks are read."""
    for pattern in (_WITH, _OWN, _FORMERLY):
        reading.take_all(pattern, "flag")


def flag_conditions(reading: Reading) -> None:
    """Flag relative clauses that say more of a customer than the filters can."""
    for at, pattern in enumerate(_CLAUSES):
        for hit in list(reading.find(pattern)):
            before = reading.words[hit.first - 1] if hit.first else ""
            understood = hit.first > 0 and not reading.is_open(hit.first - 1)
            relates = before in _AFTER or understood
            asks = hit.first == 0 and reading.words[0] == "who"
            if (relates or asks) if at < 2 else _has_customers_before(reading, hit.first):
                reading.take(hit.first, hit.last, "flag")


def _has_customers_before(reading: Reading, first: int) -> bool:
    """Whether customers, not the user, are what "have asked" is said of."""
    for at in range(first - 1, max(first - 8, -1), -1):
        if reading.words[at] in {",", ".", ";", ":", "?", "!"}:
            return False
        if reading.words[at] in _AFTER | {"who", "that", "which"}:
            return True
    return False
