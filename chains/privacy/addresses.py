"""Postal street addresses, told by how English, German, French, Spanish and neighbouring languages write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from chains.privacy.spans import Span

ADDRESS = "[[address]]"
_RANK = 5

_CAP = r"[^\W\d_a-zà-ÿ][\w'’.-]{0,30}"
_NUMBER = r"\d{1,5}(?:[ ]?[a-zA-Z](?![\w]))?(?:[ ]?[-/–][ ]?\d{1,4}[a-zA-Z]?)?"
_EN_KIND = (
    r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|pl|square|sq|terrace|crescent"
    r"|close|highway|hwy|parkway|pkwy|circle|cir|trail|row|gardens|grove|mews|quay|wharf|turnpike|plaza|alley)\b\.?"
)
_EN = rf"(?<![\w.,:/-])\d{{1,5}}[a-zA-Z]?,?[ ](?:{_CAP}[ ]){{1,4}}(?i:{_EN_KIND})"
_GLUED_KIND = (
    r"(?:stra(?:ß|ss)e|str\.|str(?=\s\d)|weg|platz|allee|gasse|ring|damm|ufer|chaussee|gürtel|lände|steig|stieg|graben|promenade"
    r"|straat|laan|plein|gracht|kade|dijk|singel|dreef|steenweg|vej|gade|gatan|vägen|veien|vegen|gata|katu|tie|utca|ulica|út|u\.)"
)
_GLUED = rf"(?<![\w-])(?:{_CAP}[ -]){{0,3}}[^\W\d_][\w.-]{{1,30}}{_GLUED_KIND}[ ]{_NUMBER}(?![\w])"
_APART = (
    rf"(?<![\w-])(?:{_CAP}[ -]){{1,3}}(?i:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer|utca|út|u\.)[ ]{_NUMBER}(?![\w])"
)
_PREPOSITION = rf"\b(?:Am|An der|An den|Auf der|Auf dem|Im|In der|In den|Zum|Zur|Unter den|Vor dem|Hinter der)[ ]{_CAP}(?:[ ]{_CAP})?[ ]\d{{1,4}}[a-z]?(?=,?\s*(?:D-|A-|CH-)?\d{{4,5}}\b)"
_FR_KIND = r"(?:rue|avenue|av\.|boulevard|bd\.?|bld|place|chemin|allées?|impasse|quai|cours|route|square|passage|villa|rond-point|faubourg|esplanade)"
_FR = (
    rf"(?<![\w.,:/-])\d{{1,4}}(?:[ ]?(?:bis|ter|quater)\b)?,?[ ](?i:{_FR_KIND})[ ](?:(?:de|du|des|la|le|les|aux?|en|sur)[ ]|[dl]['’])*"
    rf"{_CAP}(?:[ -](?:(?:de|du|des|la|le|les)[ -]|[dl]['’])*{_CAP}){{0,4}}"
)
_ES_KIND = (
    r"(?:calle|c/|avenida|avda\.?|av\.|paseo|p\.º|plaza|pza\.?|pl\.|camino|carretera|ctra\.?|ronda|travesía|glorieta|rambla"
    r"|via|viale|corso|piazza|vicolo|rua|praça|travessa|estrada|largo)"
)
_ES = (
    rf"(?<![\w-])(?i:{_ES_KIND})[ ]?(?:(?:de|del|la|las|los|el|da|do|dos|das)[ ])*{_CAP}(?:[ ](?:(?:de|del|la|las|los|y|da|do)[ ])*{_CAP}){{0,4}}"
    rf",?[ ](?:n(?:úm|[.º°]|o\.?)?\.?[ ]?[º°]?[ ]?)?\d{{1,4}}[a-zA-Z]?(?![\w])"
)
_BOX = r"\b(?i:p\.?[ ]?o\.?[ ]box|postfach|postbus|boîte postale|apartado(?: de correos)?|apdo\.?|casilla)[ ]\d[\d ]{0,8}\d?|\bB\.?P\.?[ ]\d{1,5}(?=,?\s+\d{5})"

_UNIT = (
    r"(?:(?i:apt|apartment|suite|ste|unit|floor|fl|room|flat|building|bldg|etage|stock|og|wohnung|top|étage|bât|bâtiment|appt|piso"
    r"|planta|puerta|esc|escalera|local|oficina)\.?[ ]?#?[\w-]{1,6}|\d{1,2}(?:st|nd|rd|th)[ ](?i:floor)|\d{1,2}\.?[ºª°][ ]?\w?)"
)
_POSTCODE = r"(?:[A-Z]{1,3}-)?(?:\d{4,6}|\d{2,3}[ -]\d{2,3}|[A-Z]{1,2}\d[A-Z\d]?[ ]?\d[A-Z]{2}|\d{4}[ ]?[A-Z]{2})(?![\w])"
_TOWN = rf"{_CAP}(?:[ -](?:(?:am|an der|im|bei|sur|sous|les?|la|de|del|upon|on|ob der)[ -])?{_CAP}){{0,3}}"
_GAP = r"(?:\s?,\s?|[ ]?\n\s?|[ ]|[ ]?[-–·|][ ])"
_TAIL = re.compile(
    rf"(?:{_GAP}{_UNIT}){{0,2}}"
    rf"(?:{_GAP}{_POSTCODE}[ ]{_TOWN}|{_GAP}?(?:,[ ]?|\n\s?){_TOWN}(?:,?[ ][A-Z]{{2}})?,?[ ]{_POSTCODE}|,[ ]?{_TOWN}(?=[,.\n]|$)(?:,[ ]?{_TOWN}(?=[.\n]|$))?)?"
)
_NUMBER_FIRST = re.compile(rf"{_EN}|{_FR}")
_NUMBER_FIRST_WORDS = frozenset(
    "street st avenue ave road rd lane ln drive dr boulevard blvd way court ct place pl square sq terrace crescent close highway "
    "hwy parkway pkwy circle cir trail row gardens grove mews quay wharf turnpike plaza alley rue av bd bld chemin allee allees "
    "impasse quai cours route passage villa rond faubourg esplanade".split()
)
_NUMBER_LAST = tuple(re.compile(form) for form in (_GLUED, _APART, _PREPOSITION))
_NUMBER_LAST_ENDS = tuple(
    "straße strasse str. str weg platz allee gasse ring damm ufer chaussee gürtel lände steig stieg graben promenade straat laan "
    "plein gracht kade dijk singel dreef steenweg vej gade gatan vägen veien vegen gata katu tie utca ulica út u.".split()
)
_KIND_FIRST = re.compile(_ES)
_KIND_FIRST_WORDS = frozenset(
    "calle c avenida avda av paseo p plaza pza pl camino carretera ctra ronda travesia glorieta rambla via viale corso piazza "
    "vicolo rua praca travessa estrada largo".split()
)
_BOXES = re.compile(_BOX)
_BOX_WORDS = frozenset("box postfach postbus postale apartado apdo casilla bp b".split())
_BEFORE_NUMBER = re.compile(r"[^\W\d_]\.? (?=\d)")
_PREPOSITIONS = frozenset("am an auf im in zum zur unter vor hinter".split())
_POSTCODE_LIKE = re.compile(r"(?<!\d)\d{4,5}(?!\d)")


def street_addresses(text: str, folded: Set[str]) -> Iterator[Span]:
    """Street and house number, with what follows of flat, postcode and town.

    Args:
        text: The text to read.
        folded: The text's words, folded; forms none of whose words occur are not tried.
    """
    for form in _forms(text, folded):
        for match in form.finditer(text):
            tail = _TAIL.match(text, match.end())
            yield Span(match.start(), tail.end() if tail else match.end(), ADDRESS, _RANK)


def _forms(text: str, folded: Set[str]) -> Iterator[re.Pattern[str]]:
    if not folded.isdisjoint(_NUMBER_FIRST_WORDS):
        yield _NUMBER_FIRST
    if not folded.isdisjoint(_KIND_FIRST_WORDS):
        yield _KIND_FIRST
    if not folded.isdisjoint(_BOX_WORDS):
        yield _BOXES
    if any(text[max(0, m.start() - 12) : m.end() - 1].lower().endswith(_NUMBER_LAST_ENDS) for m in _BEFORE_NUMBER.finditer(text)):
        yield from _NUMBER_LAST[:2]
    if not folded.isdisjoint(_PREPOSITIONS) and _POSTCODE_LIKE.search(text):
        yield _NUMBER_LAST[2]
