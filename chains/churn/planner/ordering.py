"""Reads how many accounts the question wants and in which order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from chains.churn.planner.categories import CUSTOMER_NOUNS
from chains.churn.planner.counts import count_at
from chains.churn.planner.reading import Hit, Reading
from chains.churn.planner.tables import months, number_words

Sort = Literal["risk", "arr", "renewal", "arr_at_risk", "name"]

_BY = (
    r"(?:(?:(?:and )?(?:then )?(?:please )?(?:sort(?:ed)?|order(?:ed)?|rank(?:ed|ing)?|prioriti[sz]ed?"
    r"|arrange[d]?)(?: (?:them|it|these|those|the list|results?|everything|all))? )?(?:by|according to|nach|par"
    r"|por)(?: (?:their|the|its|most|highest|total|annual|estimated|expected|potential))*)"
)
_FIRST = (
    r"(?: (?:descending|desc|(?:highest|largest|biggest|high(?:est)? to low(?:est)?) first|high to low"
    r"|from high to low))?"
)
_MONEY = (
    r"(?:arr|revenues?|annual recurring revenue|recurring revenue|contract values?|acv|account values?|account size"
    r"|deal size|contract size|size|spend|value|money|umsatz|chiffre d affaires|ingresos|revenus?)"
)
_AT_STAKE = r"(?:at (?:stake|risk)|in danger|we (?:could|might|may|would|stand to) lose|we lose|to lose|exposed|lost)"
_IF_LEAVING = (
    r"(?: (?:if|when|in case|should|wenn|si) (?:(?:all|of|them|they|these|those|everyone|everybody|both|every|one|sie"
    r"|alle|tous|ils|todos|ellos|really|actually|do|did|se|ever) ){0,5}(?:leave|left|churn|churned|go|cancel|quit|walk"
    r"|gehen|kundigen|abwandern|partent|partaient|resilient|van|fueran|cancelan|(?:do not|don t) renew))?"
)
_SORTS: tuple[tuple[Sort, str], ...] = (
    (
        "arr_at_risk",
        rf"{_BY} (?:(?:{_MONEY}|dollars|euros|amount) {_AT_STAKE}|exposure|expected loss|potential loss"
        r"|(?:risk )?weighted (?:arr|revenue)|at risk (?:arr|revenue)|loss|financial impact|impact"
        r"|how much we (?:could |would |might |stand to )?lose|what we (?:could |would |might |stand to )?lose"
        rf"|gefahrdetem umsatz){_FIRST}"
        rf"|(?:{_BY} )?where (?:do )?we (?:(?:could|might|may|would|stand to) )?(?:lose|losing"
        rf"|risk losing) (?:the )?most(?: {_MONEY})?"
        rf"|(?:the )?(?:most|highest|largest|biggest|greatest) {_MONEY} at (?:risk|stake)(?: first)?|(?:highest"
        rf"|biggest|largest) (?:exposure|potential loss|expected loss)(?: first)?|{_MONEY} at (?:stake|risk) first"
        rf"|(?:where|with) the most {_MONEY} (?:is )?at (?:risk|stake)"
        rf"|how much(?: (?:{_MONEY}|arr|income|business|turnover))? (?:do|would|will|could|might|may|can|are|is|should)"
        r" (?:we|i|us|that|this|it) (?:(?:stand|have|likely|expect|going|be|to) ){0,3}(?:lose|losing|lost|cost(?: us)?)"
        rf"{_IF_LEAVING}"
        r"|(?:wie viel (?:geld|umsatz|arr) verlieren wir|combien (?:d argent )?(?:perdons nous|perdrions nous)"
        rf"|cuanto (?:dinero )?(?:perdemos|perderiamos)){_IF_LEAVING}",
    ),
    (
        "renewal",
        rf"{_BY} (?:(?:soonest|earliest|next|nearest|upcoming) )*(?:renewals?|renewal dates?|contract ends?"
        r"|contract end dates?|end dates?|expir(?:y|ation)(?: dates?)?|date of renewal|verlangerung|vertragsende"
        r"|renouvellement|renovacion|echeance)(?: dates?)?(?: (?:ascending|asc|soonest first|earliest first|soonest"
        r"|first))?"
        r"|(?:the )?(?:soonest|earliest|nearest|closest|next|most urgent|upcoming)(?: to)? (?:renewals?|renewing"
        r"|to renew|renew|expir(?:y|ing)|to expire|contract ends?|ending|renewal dates?) ?(?:come )?(?:first)?"
        r"|renew(?:s|ing) (?:soonest|earliest|first)|(?:soonest|earliest) first|renewal date first"
        r"|closest to renewal(?: first)?",
    ),
    (
        "arr",
        rf"{_BY} (?:(?:largest|biggest|highest) )?{_MONEY}{_FIRST}"
        rf"|(?:the )?(?:largest|biggest|highest|top|most)(?: {_MONEY})? (?:accounts? |customers? |clients? "
        r"|ones )?(?:come )?first"
        rf"|{_BY} (?:largest|biggest)(?: first)?|(?:with )?(?:the )?(?:largest|biggest|highest"
        rf"|most) {_MONEY}(?: first)?|most valuable(?: first)?|highest paying|highest value|biggest spend(?:ing"
        r"|ers)?|grosten? zuerst|(?:mayores|mas grandes) primero|les plus gros d abord",
    ),
    ("name", (
        rf"{_BY} (?:(?:account|customer|company|client) )?names?(?: (?:ascending|alphabetically))?"
        r"|alphabetical(?:ly)?(?: order)?|in alphabetical order|from a to z|a (?:to|-) z|alphabetisch|alphabetique"
        r"|alfabetic\w+"
    )),
    (
        "risk",
        rf"{_BY} (?:(?:churn|renewal|highest|of) )*(?:risks?|churn|probabilit(?:y|ies)|likelihood|severity|urgency"
        r"|risiko|abwanderungsrisiko|risque|riesgo)(?: (?:score|level|of churn(?:ing)?|of leaving|to churn"
        rf"|to leave))*{_FIRST}"
        r"|(?:the )?(?:most at risk|riskiest|highest risk|worst|most likely(?: to (?:churn|leave))?"
        r"|most urgent) (?:ones |accounts |customers )?first",
    ),
)  # fmt: skip
_REVERSED = (
    r"(?:lowest|smallest|least|latest|safest) (?:\S+ ){0,2}first|(?:in )?ascending(?: order)?|reversed?(?: order)?"
)
_UNSORTABLE = (
    r"(?:sort(?:ed)?|order(?:ed)?|rank(?:ed)?|group(?:ed)?)(?: (?:them|it|these|those|everything))? by (?:~"
    r"|[a-z]+)(?: [a-z]+)?|group(?:ed)? (?:per|by) [a-z]+"
)
_NUMBER = (
    r"\d{1,4}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty|hundred"
    r"|zwei|drei|vier|funf|zehn|deux|trois|quatre|cinq|dix|dos|tres|cuatro|cinco|diez"
)
_NUMBER_OR_FEW = rf"(?:a |half a )?(?:{_NUMBER}|dozen|few|handful|couple)"
_RANKS = (
    r"(?:top|riskiest|worst|largest|biggest|highest|best|most|likeliest|soonest|closest|shakiest|most valuable|next"
    r"|first|wackligsten|grosten|groten|riskantesten|gefahrdetsten|plus gros|mayores|principales|premiers?"
    r"|primer[oa]s)"
)
_LAST_DAY = 31
_BETWEEN = r"(?:of |the |our |my |your |these |those |more |other )*"
_COUNTED = (
    r"(?:(?:the |your |our |my |just |only )*top|first|highest|(?:limit(?:ed)?|cap(?:ped)?|restrict(?:ed)?"
    r"|narrow(?:ed)?(?: it| this| that| them)?(?: down)?)(?: (?:it|this|that|them|the list|results?|to the"
    r"|the results?))* (?:to|at)(?: the)?(?: top)?|max(?:imum)?(?: of)?|at most|no more than|not more than|up to"
    rf"|die top|le top|los top) (?P<n>{_NUMBER_OR_FEW})(?! (?:days?|weeks?|months?|quarters?|years?|%|percent|words?"
    r"|lines?|sentences?|k|m|million|thousand|mio|eur|euros?|usd|dollars?|gbp|pounds?|arr|€|\$|£))"
)
_RANKED = rf"(?P<n>{_NUMBER})(?= {_BETWEEN}(?:~ )*{_RANKS}(?: |$))"
_RANKED_TAKEN = rf"(?:die|les|los|las|the) (?P<n>{_NUMBER})(?= ~)"
_RANKED_AFTER = (
    r"(?:the |our |my |die |unsere |nos |les |las |los |nuestros )*(?P<rank>riskiest|worst|largest|biggest|shakiest"
    r"|likeliest|soonest"
    r"|grosten|groten|riskantesten|gefahrdetsten|wichtigsten"
    rf"|closest) (?P<n>{_NUMBER})(?! (?:days?|weeks?|months?))"
)
_PLAIN = (
    rf"(?P<n>{_NUMBER})(?= (?:{_BETWEEN})(?:(?!and |or |days?|weeks?|months?|quarters?|years?|%|percent|k |m |lines?"
    rf"|words?|sentences?|open|support|tickets?|users?|seats?)[^ ,.:;?!]+ ){{0,4}}?{CUSTOMER_NOUNS}(?: |$))"
)
_SINGLE = (
    r"(?:the |our |my |your )*(?:single |very )?(?P<rank>riskiest|worst|shakiest|most (?:at risk|endangered|risky"
    r"|critical|likely(?: to (?:leave|churn|cancel)(?: us)?)?)|largest|biggest|most valuable|highest risk"
    r"|top)(?= (?:(?:~|at|risk|risky|endangered|single|paying|in|danger) ){0,3}(?:account|customer|client|company|one"
    r"|kunde|client|cuenta|cliente)(?: |$))"
    r"|(?:which|what)(?: (?:single|one))?(?= (?:(?!and |or |are )\S+ ){0,4}(?:account|customer|client|company"
    r"|one) (?:\S+ ){0,5}?(?:is|has|carries|faces|am|would|shows|are)? ?(?:the )?(?:most|riskiest|worst|highest"
    r"|greatest|shakiest|biggest)(?: |$))"
    r"|(?:who|which one) is (?:the |our )*(?:single )?(?:riskiest|worst|shakiest)(?: one| account| customer)?"
    r"|number one(?= (?:account|customer|risk))|der riskanteste kunde"
)  # fmt: skip


@dataclass(slots=True)
class Ordering:
    """The number of accounts wanted (0 means all), and the order when one is named."""

    top_n: int = 0
    sort: Sort | None = None
    note: str = ""


def sort_in(reading: Reading) -> Sort | None:
    """The order the question names; its words are taken before "at risk" is read in them."""
    reading.take_all(_REVERSED, "flag")
    chosen: Sort | None = None
    for sort, pattern in _SORTS:
        if reading.take_all(pattern):
            chosen = chosen or sort
    return chosen


def unsortable_in(reading: Reading) -> None:
    """Flag an order or grouping that the plan does not know."""
    for hit in list(reading.find(_UNSORTABLE)):
        last = hit.last
        while last > hit.first + 2 and reading.words[last - 1] in {"and", "please", "for", "in", "with"}:
            last -= 1
        reading.take(hit.first, last, "flag")


def count_in(reading: Reading) -> Ordering:
    """How many accounts the question wants; its words are taken."""
    ordering = Ordering()
    for pattern in (_RANKED_AFTER, _COUNTED, _RANKED, _RANKED_TAKEN, _PLAIN):
        for hit in reading.find(pattern):
            number, note = _count(hit.group("n"))
            if number and not _is_of_date(reading, hit, pattern):
                ordering.top_n, ordering.note = number, note
                if hit.group("rank") in {"largest", "biggest", "grosten", "groten"}:
                    ordering.sort = "arr"
                reading.take(hit.first, hit.last)
                break
        if ordering.top_n:
            break
    if not ordering.top_n:
        single = reading.first(_SINGLE)
        if single is not None:
            ordering.top_n = 1
            if single.group("rank") in {"largest", "biggest", "most valuable"}:
                ordering.sort = "arr"
                reading.take(single.first, single.last)
    return ordering


def _is_of_date(reading: Reading, hit: Hit, pattern: str) -> bool:
    """Whether the number is a year or a day ("March 2027", "by 15 January") rather than a count."""
    if pattern in (_RANKED_AFTER, _COUNTED):
        return False
    said = reading.words[hit.first]
    before = reading.words[hit.first - 1] if hit.first else ""
    after = reading.words[hit.last] if hit.last < len(reading) else ""
    if re.fullmatch(r"20[2-9]\d", said):
        return True
    dated = before in months() and before not in {"may", "mar", "mars"}
    return said.isdigit() and int(said) <= _LAST_DAY and (dated or after in months())


def superlative_sort(reading: Reading) -> Sort | None:
    """The order that "largest" or "biggest" before customers implies."""
    hits = reading.take_all(
        rf"(?:largest|biggest|most valuable|highest paying)(?= (?:\S+ ){{0,4}}{CUSTOMER_NOUNS}(?: |$))"
    )
    return "arr" if hits else None


def _count(text: str) -> tuple[int, str]:
    word = text.split()[-1]
    if text.startswith("half"):
        return 6, ""
    if word == "handful":
        return 5, '"A handful" is read as five.'
    if word in {"few", "couple"}:
        found = count_at(Reading(word), 0)
        return (found[0], found[2]) if found else (0, "")
    return (int(word) if word.isdigit() else number_words().get(word, 0)), ""
