"""Postal street addresses, told by how English, German, French, Spanish and neighbouring languages write them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chains.privacy.spans import Span

ADDRESS = "[[address]]"
_RANK = 15

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
_FORMS = tuple(re.compile(form) for form in (_EN, _GLUED, _APART, _PREPOSITION, _FR, _ES, _BOX))
_MAYBE = re.compile(
    r"(?:stra(?:ß|ss)e|str\.?|weg|platz|allee|gasse|ring|damm|ufer|chaussee|gürtel|lände|ste?ig|stieg|graben|promenade|straat|laan|plein"
    r"|gracht|kade|dijk|singel|dreef|steenweg|vej|gade|gatan|vägen|ve[ig]en|gata|katu|tie|utca|ulica|út|u\.)[ ]\d"
    r"|\b(?:street|st|avenue|avda?|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|pl|square|sq|terrace|crescent|close"
    r"|highway|hwy|parkway|pkwy|circle|cir|trail|row|gardens|grove|mews|quay|wharf|turnpike|plaza|alley|rue|bd|bld|chemin|allées?"
    r"|impasse|quai|cours|route|passage|rond-point|faubourg|esplanade|calle|c/|avenida|paseo|pza|camino|carretera|ctra|ronda|travesía"
    r"|glorieta|rambla|via|viale|corso|piazza|vicolo|rua|praça|box|postfach|postbus|postale|apartado|apdo|casilla|b\.?p)\b"
    r"|\b(?:am|an de[rn]|auf de[rm]|im|in de[rn]|zum|zur|unter den)[ ]\S{3,}[ ]\d{1,4}[a-z]?,?\s",
    re.IGNORECASE,
)


def street_addresses(text: str) -> Iterator[Span]:
    """Street and house number, with what follows of flat, postcode and town."""
    if not _MAYBE.search(text):
        return
    for form in _FORMS:
        for match in form.finditer(text):
            tail = _TAIL.match(text, match.end())
            yield Span(match.start(), tail.end() if tail else match.end(), ADDRESS, _RANK)
