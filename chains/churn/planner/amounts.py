"""Reads amounts of recurring revenue and thresholds of probability."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chains.churn.config import ChurnConfig
from chains.churn.planner.reading import Hit, Reading

_MIN = (
    r"(?:(?:is |are |be |of |with )?(?:above|over|(?:more|greater|higher|bigger|larger|better|no less|not less) than"
    r"|at least"
    r"|exceed(?:s|ing)?|beyond|upwards of|north of|in excess of|minimum(?: of)?|min|starting (?:at|from)|not below"
    r"|> =|= >|>|≥"
    r"|uber|mehr als|mindestens|ab|plus de|au moins|superieure? a|mas de|al menos|por encima de|superior a|from))"
)
_MAX = (
    r"(?:(?:is |are |be |of |with )?(?:below|under|(?:less|lower|smaller|no more|not more) than|at most|up to"
    r"|maximum(?: of)?|max"
    r"|south of|not above|not over|< =|= <|<|≤|unter|weniger als|hochstens|bis zu|moins de|inferieure? a|au plus"
    r"|menos de"
    r"|como maximo|inferior a))"
)
_CURRENCIES = {
    "EUR": r"€|eur|euros?",
    "USD": r"(?:us )?\$|usd|(?:us )?dollars?|bucks",
    "GBP": r"£|gbp|pounds?(?: sterling)?|sterling|quid",
    "CHF": r"chf|(?:swiss )?francs?|franken|sfr",
    "JPY": r"¥|jpy|yen",
    "AUD": r"aud|(?:australian|aussie) dollars?",
    "CAD": r"cad|canadian dollars?",
    "SEK": "sek", "NOK": "nok", "DKK": "dkk", "PLN": "pln", "BRL": "brl", "INR": "inr|rupees?",
    "SGD": "sgd", "MXN": "mxn",
    "NZD": "nzd", "ZAR": "zar", "CNY": "cny|rmb|yuan", "AED": "aed",
}  # fmt: skip
_CURRENCY = "|".join(_CURRENCIES.values())
_ARR = (
    r"(?:(?:in |of |per |a ){0,3}(?:annual(?:ly)? )?(?:recurring )?(?:arr|revenues?|contract values?|contract volume"
    r"|acv"
    r"|spend|per year"
    r"|a year|yearly|annually|per annum|p a|umsatz|jahresumsatz|ingresos|chiffre d affaires|turnover|value))"
)
_NUMBER = (
    r"\d[\d.,]*(?:k|m|mm|mn|mio|bn|tsd|mil)?(?: (?:k|m|mn|mm|mio|million|millions|millionen|thousand|grand|tausend"
    r"|mille|mil|millones))?"
)
_UNIT = (
    r"days?|weeks?|months?|quarters?|years?|users?|seats?|tickets?|employees|percent|%|licen[sc]es|people|words?"
    r"|customers?|accounts?|clients?|sentences|lines"
)


def _money(name: str) -> str:
    return rf"(?:(?P<{name}_cur>{_CURRENCY}) )?(?P<{name}>{_NUMBER})(?: (?P<{name}_end>{_CURRENCY}))?"


_BETWEEN = (
    rf"(?:with )?(?:(?:an? )?(?P<lead>{_ARR}) )?(?:(?:is |of )?(?:between|from|zwischen|entre"
    rf"|de) )?{_money('low')} (?:and|to|-|und|bis|et|y|a) {_money('high')}(?: (?P<arr>{_ARR}))?"
)
_COMPARED = (
    r"(?:(?:worth|paying|spending|with|whose|having|have|making|generating|on) )*(?:(?:an? |the "
    rf"|their )?(?P<lead>{_ARR}) )?(?P<how>{_MIN}|{_MAX}) (?:an? )?{_money('low')}(?: (?P<arr>{_ARR}))?(?! "
    rf"(?:{_UNIT}))"
)
_TRAILED = (
    rf"(?:(?P<lead>{_ARR}) (?:of )?)?{_money('low')}(?: (?P<arr>{_ARR}))? (?P<how>\+|plus|(?:or|and|oder|und|ou|et|o"
    r"|y) (?:more|above|over|higher|up|bigger|larger|mehr|plus|mas)|upwards|(?:or|and) (?:less|below|under|lower"
    rf"|smaller|fewer))(?: (?P<arr2>{_ARR}))?"
)
_FIGURES = r"(?:with )?(?P<n>five|six|seven|5|6|7) figures?(?: (?:in )?arr)?"


@dataclass(slots=True)
class Amounts:
    """Bounds on yearly revenue (0 when none) and the currency they were said in."""

    minimum: float = 0.0
    maximum: float = 0.0
    currency: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def named(self) -> bool:
        """Whether the question named any amount."""
        return bool(self.minimum or self.maximum)


def amounts_in(reading: Reading) -> Amounts:
    """The bounds on revenue in the question; their words are taken."""
    amounts = Amounts()
    for hit in list(reading.find(_BETWEEN)):
        low, high = _value(hit.group("low")), _value(hit.group("high"))
        scale = _scale(hit.group("high"))
        if low < high and scale > 1 and _scale(hit.group("low")) == 1 and low * scale <= high:
            low *= scale
        if _is_money(hit, "low") or _is_money(hit, "high"):
            amounts.minimum, amounts.maximum = min(low, high), max(low, high)
            amounts.currency = _currency(hit, "low") or _currency(hit, "high")
            reading.take(hit.first, hit.last)
    for pattern in (_COMPARED, _TRAILED):
        for hit in list(reading.find(pattern)):
            if _is_money(hit, "low") and reading.is_open(hit.first):
                _bound(amounts, hit)
                reading.take(hit.first, hit.last)
    for hit in reading.take_all(_FIGURES):
        digits = {"five": 5, "six": 6, "seven": 7}.get(hit.group("n")) or int(hit.group("n"))
        amounts.minimum = 10.0 ** (digits - 1)
        amounts.notes.append(
            f'"{reading.original(hit.first, hit.last)}" is read as at least {amounts.minimum:,.0f} of ARR.'
        )
    return amounts


def _bound(amounts: Amounts, hit: Hit) -> None:
    how = hit.group("how")
    low = bool(re.search(r"less|below|under|lower|smaller|fewer", how)) and not re.match(r"(?:no|not) ", how)
    upper = re.fullmatch(_MAX, how) is not None or low
    if upper:
        amounts.maximum = _value(hit.group("low"))
    else:
        amounts.minimum = _value(hit.group("low"))
    amounts.currency = _currency(hit, "low") or amounts.currency


def _is_money(hit: Hit, name: str) -> bool:
    scaled = _scale(hit.group(name)) > 1
    said = hit.group("arr") or hit.group("lead") or hit.group("arr2")
    return bool(scaled or said or _currency(hit, name) or _value(hit.group(name)) >= 3000)


def _currency(hit: Hit, name: str) -> str:
    word = hit.group(f"{name}_cur") or hit.group(f"{name}_end")
    return next((code for code, words in _CURRENCIES.items() if word and re.fullmatch(words, word)), "")


def _scale(text: str) -> float:
    letters = re.sub(r"[^a-z]", "", text)
    if letters in {"k", "tsd", "thousand", "grand", "tausend", "mille", "mil"}:
        return 1e3
    if letters in {"m", "mm", "mn", "mio", "million", "millions", "millionen", "millones"}:
        return 1e6
    return 1e9 if letters == "bn" else 1.0


def _value(text: str) -> float:
    digits = re.sub(r"[^\d.,]", "", text).strip(".,")
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits) and _scale(text) == 1:
        digits = re.sub(r"[.,]", "", digits)
    else:
        digits = digits.replace(",", ".")
        whole, _, rest = digits.rpartition(".")
        digits = whole.replace(".", "") + "." + rest if whole else rest
    return round(float(digits or 0) * _scale(text), 2)


_PERCENT = (
    r"(?P<n>\d+(?:[.,]\d+)?) (?:%|percent|per cent|pct|pc|prozent|pour cent|por ciento)(?! (?:off|discount|of"
    r"|increase|drop|growth|less|fewer|more|rabatt|de))"
)
_CHANCE = (
    r"(?:(?:churn |leaving )?(?:probabilit(?:y|ies)|risks?|likelihood|chances?|scores?|odds|wahrscheinlichkeit|risiko"
    r"|risque|riesgo|probabilidad|probabilite)(?: scores?| levels?)?(?: of (?:churn(?:ing)?|leaving|loss"
    r"|cancell?ing))?)"
)
_TAIL = rf"(?: (?:churn )?{_CHANCE})?(?: of (?:churn(?:ing)?|leaving(?: us)?))?"
_DECIMAL = r"(?P<d>0?[.,]\d+|0[.,]\d+)(?! (?:million|k|m|mio))"
_LEAD = rf"(?:(?:with |whose |has |have |having )*(?:an? |the )?{_CHANCE} (?:is |are |of )*)?"
_AT_LEAST = rf"{_LEAD}{_MIN} (?:an? )?(?:{_PERCENT}|{_DECIMAL}){_TAIL}"
_AT_LEAST_AFTER = (
    rf"{_LEAD}(?:{_PERCENT}|{_DECIMAL}){_TAIL} ?(?:\+|plus|(?:or|and|oder|und|ou|o) (?:more|higher|above|greater|over"
    rf"|up|upwards|mehr|hoher|plus|mas)){_TAIL}"
)
_OF_RISK_AFTER = rf"{_CHANCE} (?:is |are |of |at |around )*(?:{_PERCENT}|{_DECIMAL})"
_OF_RISK_BEFORE = rf"(?:an? )?{_PERCENT} {_CHANCE}(?: of (?:churn(?:ing)?|leaving))?"
_AT_MOST = rf"{_LEAD}{_MAX} (?:an? )?(?:{_PERCENT}|{_DECIMAL}){_TAIL}"
_RANGE = rf"(?:with )?{_LEAD}(?:between|from) (?P<low>\d+(?:[.,]\d+)?)(?: %| percent)? (?:and|to|-) {_PERCENT}{_TAIL}"
_EVEN = (
    r"(?:more likely than not|better than even|likelier than not|over even odds|eher als nicht|plutot que non"
    r"|mas probable que no)(?: (?:to|that))?"
)
_RISKY = (
    r"(?: (?:and )?(?:churn |renewal )?(?:risks?(?: of (?:churn(?:ing)?|leaving))?|band|probability|likelihood"
    r"|risk level|chance(?: of (?:churn(?:ing)?|leaving))?))"
)
_OR_HIGHER = r"(?: (?:or|and) (?:higher|above|worse|up|more|greater|over))"
_CRITICAL = (
    rf"critical(?:ly)?(?: (?:at risk|risky))?{_RISKY}?|(?:at )?(?:very|extremely) high{_RISKY}|kritisch\w*|critiques?"
    r"|criticos?|criticas?"
)
_HIGH = (
    rf"(?:at )?(?:a )?(?:high|elevated|hoh\w+){_RISKY}{_OR_HIGHER}?|high{_OR_HIGHER}|highly at risk|high (?:and|or"
    r"|to)(?= critical| ~)|hochrisiko\w*|haut risque|alto riesgo"
)
_MEDIUM = (
    rf"(?:at )?(?:a )?(?:medium|moderate|mid){_RISKY}{_OR_HIGHER}?|(?:medium|moderate){_OR_HIGHER}{_RISKY}?"
    rf"|medium (?:and|or|to)(?= high| critical| ~)(?: high{_RISKY}?)?|mittleres risiko|risque moyen|riesgo medio"
)
_LOW = (
    rf"(?:at )?(?:a )?(?:low|lowest|minimal){_RISKY}|not at (?:any )?risk|no risk|safe(?:st)?(?= accounts?"
    r"| customers?| clients?)|healthiest|(?:is |are )(?:safe|healthy|loyal|happy|doing (?:well|fine))|(?:healthy"
    r"|loyal|happy)(?= accounts?| customers?| clients?)|not likely to (?:churn|leave)|unlikely to (?:churn|leave)"
    r"|least (?:at risk"
    r"|likely to (?:churn|leave))|least risky"
)


@dataclass(slots=True)
class Threshold:
    """The least probability asked for; `named` False when none was, `refused` when it cannot be had."""

    probability: float = 0.0
    named: bool = False
    refused: bool = False


def band_threshold(reading: Reading, config: ChurnConfig) -> Threshold:
    """The band the question names ("critical", "high risk"); the lowest one when it names several."""
    threshold = Threshold()
    edges = ((_CRITICAL, config.band_critical_from), (_MEDIUM, config.band_medium_from), (_HIGH, config.band_high_from))
    for pattern, edge in edges:
        if reading.take_all(pattern):
            threshold.probability = min(threshold.probability, edge) if threshold.named else edge
            threshold.named = True
    if reading.take_all(_LOW, "flag"):
        threshold.refused = not threshold.named
    return threshold


def percent_threshold(reading: Reading) -> Threshold:
    """The probability the question names as a figure."""
    threshold = Threshold()
    for hit in reading.take_all(_RANGE, "flag"):
        _raise(threshold, _number(hit.group("low")) / 100)
    for pattern in (_AT_LEAST, _AT_LEAST_AFTER):
        for hit in reading.take_all(pattern):
            _raise(threshold, _probability(hit))
    if reading.take_all(_AT_MOST, "flag"):
        threshold.refused = not threshold.named
    for pattern in (_OF_RISK_AFTER, _OF_RISK_BEFORE):
        for hit in reading.take_all(pattern):
            _raise(threshold, _probability(hit))
    if reading.take_all(_EVEN):
        _raise(threshold, 0.5)
    return threshold


def bare_percent(reading: Reading) -> Threshold:
    """A percentage that stands alone, as follow-ups say it ("60% this time")."""
    threshold = Threshold()
    for hit in reading.take_all(_PERCENT):
        _raise(threshold, _number(hit.group("n")) / 100)
    return threshold


def _probability(hit: Hit) -> float:
    if hit.group("n"):
        return round(_number(hit.group("n")) / 100, 6)
    return _number(hit.group("d"))


def _raise(threshold: Threshold, probability: float) -> None:
    if 0 < probability <= 1:
        threshold.probability, threshold.named = max(threshold.probability, probability), True


def _number(text: str) -> float:
    text = text.replace(",", ".")
    return float(text if text[0] != "." else f"0{text}")
