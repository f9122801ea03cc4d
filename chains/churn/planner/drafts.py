"""Reads what the question asks of e-mails: whether to write any, in which language, tone and length."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chains.churn.planner.reading import Hit, Reading

NOUN = (
    r"(?:e mails?|emails?|mails?|drafts?|messages?|letters?|notes?|outreach(?:es)?|mailings?|anschreiben"
    r"|nachricht(?:en)?|briefe?"
    r"|entwurfe?|courriels?|courriers?|lettres?|messages?|brouillons?|correos?(?: electronicos?)?|mensajes?|cartas?"
    r"|borradores?)"
)
_VERB = (
    r"(?:draft(?:ing|ed)?|writ(?:e|ing)|compos(?:e|ing)|email(?:ing)?|mail|reach(?:ing)? out|word|entwirf|entwerfe"
    r"|entwerfen|schreib(?:e|en|st)?"
    r"|formulier(?:e|en)|verfasse|redige[rz]?|ecri(?:s|re|vez)|redact(?:a|ar|e)|escrib(?:e|ir|a)|drop)"
)
_LIGHT = (
    r"(?:me|us|the|a|an|any|some|each|every|all|one|of|to|them|him|her|it|for|up|please|ones|everyone|everybody|their"
    r"|those|these|account|customer|client|accounts|customers|clients)"
)
_WANTED = (
    rf"{_VERB}(?: {_LIGHT}){{0,5}}(?: (?:(?:personali[sz]ed|individual|retention|win back|tailored|quick|nice|good"
    rf"|custom|proper|specific|check in) ){{0,3}}{NOUN})"
    rf"|{NOUN}(?: drafts?)?|(?:draft|write|compose|schreibe?|ecris|ecrivez|escribe|reach out|reaching out|email|mail"
    r"|writing|drafting)(?: (?:out )?(?:to|for|them|each|everyone|him|her|it|these|those|ihnen|leur|les|jedem"
    r"|allen))*"
    r"|drop (?:them|each|everyone|him|her) (?:of them )?a (?:quick )?line|escribeles|schreib(?:e|en)?|entwirf"
    r"|entwerfe|redige|redigez|redacta|rediger|redactar|ecris|escribir"
)
# "Who should I e-mail?" asks for a list; nobody has ordered a draft yet.
_WHOM = (
    r"(?:who|whom|which (?:\S+ ){1,4}?|wem|a quien|a qui)(?: to)? ?(?:should|do|must|can|could|shall|would|soll|sollte"
    r"|debo|dois)(?: (?:i|we|je|ich|wir|yo))?(?: (?:best|now|first|next|need to|have to|better|rather))*"
    rf" (?:send|write|e mail|email|mail|message|schreiben|escribir|ecrire)(?: (?:an? |the )?{NOUN})?(?: to)?"
)
_REFUSED = (
    r"(?:no|without|skip|leave out|drop|ohne|keine|sans|sin|don t|do not|not|never|dont)(?: (?:any|the|need|needed"
    rf"|write|draft|drafting|writing|send|me|want|to|include|create|with|an|a|more|all)){{0,4}} (?:{NOUN}"
    r"|draft(?:ing)?|write|writing)(?: (?:this time|please|yet|needed|necessary|for now))?"
)
_LANGUAGES = {
    "en": r"english|englisch|anglais|ingles",
    "de": r"german|deutsch|allemand|aleman",
    "fr": r"french|franzosisch|francais|frances",
    "es": r"spanish|spanisch|espagnol|espanol|castilian|castellano",
}
_OTHERS = (
    r"italian|dutch|portuguese|polish|swedish|danish|norwegian|finnish|japanese|chinese|mandarin|cantonese|russian"
    r"|turkish|arabic|korean|hindi"
    r"|catalan|czech|greek|hebrew|flemish|ukrainian|romanian|hungarian|esperanto|klingon|thai|vietnamese|icelandic"
    r"|irish|gaelic|welsh"
    r"|italienisch|niederlandisch|portugiesisch|italien|italiano|portugues|holandes|neerlandais|swiss german|croatian"
    r"|serbian|slovak|bulgarian"
    r"|malay|indonesian|tagalog|bengali|urdu|farsi|persian|swahili|afrikaans|basque"
)
_ANY = "|".join([*_LANGUAGES.values(), _OTHERS])
_NOT_COUNTRY = (
    r"(?! (?:and (?:\S+ ))?(?:\S+ )?(?:customers?|accounts?|clients?|compan(?:y|ies)|markets?|enterprises?|mid"
    r"|midmarket|smbs?|firms?|business(?:es)?"
    r"|sector|industry|manufactur\w+|retail\w*|software|energy|healthcare|logistics|education|financial|banks?"
    r"|hospitals?|speaking|kunden|clientes|regions?|ones))"
)
_IN_LANGUAGE = (
    r"(?:all |both |each |written )?(?:in|into|to|auf|en|using"
    rf"|on) (?:the )?(?P<first>{_ANY})(?: language)?(?: (?:and|or|/|und|et"
    rf"|y) (?:in )?(?P<second>{_ANY}))?(?: (?:please|instead))?{_NOT_COUNTRY}"
)
_LANGUAGE_MAIL = rf"(?P<first>{_ANY})(?: language)?(?= (?:\S+ ){{0,2}}{NOUN}(?: |$))"
_OWN = (
    r"(?:each )?(?:in|using) (?:their|his|her|the|each|every|its)(?: (?:customer|contact|client|account|recipient"
    r"|person)(?: s)?)?(?: own)?(?: (?:native|local|preferred|mother))? (?:languages?|tongue)"
)
_TURNED = {
    "friendly": r"less (?:formal|stiff|official|direct|blunt)|not (?:so|too) (?:formal|stiff)",
    "formal": r"less (?:casual|informal|friendly|personal)|not (?:so|too) (?:casual|informal)",
}
_TONES = {
    "formal": (
        r"(?:more |very |rather |quite )?(?:formal(?:ly|er|e|es)?|official|professional|businesslike|formell\w*"
        r"|formelle?s?)"
    ),
    "friendly": (
        r"(?:more |very |rather |quite |nice and )?(?:friendl(?:y|ier)|warm(?:er|ly)?|personal|casual(?:ly)?|informal"
        r"|kind(?:er)?|relaxed|cordial|empathetic|empathic|heartfelt"
        r"|freundlich\w*|herzlich\w*|locker\w*|amica(?:l|le|ux|les)|chaleureu(?:x|se|ses)|amables?|cercano|cercanos"
        r"|amistos\w+|calid\w+)"
    ),
    "direct": (
        r"(?:more |very |rather |quite )?(?:direct(?:ly)?|frank(?:ly)?|to the point|straight to the point"
        r"|straightforward|blunt|candid|direkt\w*|directe?s?|directos?)|no nonsense|straight talking"
    ),
}
_LENGTHS = {
    "short": (
        r"(?:a (?:bit|little) |much |very |even |really |as |nice and )?(?:short(?:er)?|brief(?:er|ly)?"
        r"|concise(?:ly)?|crisp(?:er)?|snappy|succinct|kurz\w*|knapp\w*|courte?s?|breves?|brefs?|corto?s?|cortas?"
        r"|kurzer|plus courts?|more concise|two line|one line)(?: and sweet)?|not (?:too|so) long|less (?:wordy|long)"
        r"|(?:in )?(?:a )?few (?:lines|sentences)"
    ),
    "long": (
        r"(?:a (?:bit|little) |much |very |even )?(?:long(?:er)?|lengthy|lengthier|detailed|in depth|extensive"
        r"|comprehensive|ausfuhrlich\w*|lang(?:er|e|en)?|longue?s?|detaille\w*|largos?|detallad\w+)"
        r"|more (?:detail(?:ed)?|verbose)"
    ),
}
_STYLE_TAIL = r"(?: (?:in )?(?:tone|in tone|style|voice|wording|manner|way|ton|tono))?"
_STYLE_LEAD = (
    r"(?:(?:keep|make|making|sound|be|use|using|with|in|a|an|but|and|them|it|the|tone|should|style|please|that|is|are"
    r"|very|it is|being|strike|striking) ){0,6}"
)


@dataclass(slots=True)
class DraftWish:
    """What the question says of drafts; `wanted` None when it says nothing, "" where a wording is not named.

    `unsupported` are languages named that no draft can be written in; `apart` means drafts are asked for elsewhere too;
    `whom` that it asks whom to write to.
    """

    wanted: bool | None = None
    language: str = ""
    own_language: bool = False
    refused_language: bool = False
    tone: str = ""
    length: str = ""
    language_hits: list[Hit] = field(default_factory=list)
    apart: bool = False
    whom: bool = False
    unsupported: list[str] = field(default_factory=list)
    unsupported_at: list[int] = field(default_factory=list)
    style_hits: list[Hit] = field(default_factory=list)
    nouns: int = 0
    places: list[int] = field(default_factory=list)

    @property
    def styled(self) -> bool:
        """Whether it names a language, tone or length."""
        return bool(self.language or self.own_language or self.refused_language or self.tone or self.length)


def languages_in(reading: Reading, wish: DraftWish) -> None:
    """Take the language named for the drafts, before it is mistaken for a country."""
    if reading.take_all(_OWN):
        wish.own_language = True
    for pattern in (_IN_LANGUAGE, _LANGUAGE_MAIL):
        for hit in list(reading.find(pattern)):
            codes = [code for code in map(_code, (hit.group("first"), hit.group("second"))) if code is not None]
            if len(codes) == 1 and codes[0] and not wish.language:
                wish.language = codes[0]
                wish.language_hits.append(hit)
                reading.take(hit.first, hit.last)
            else:
                again = codes == [wish.language] and wish.language
                wish.refused_language = wish.refused_language or not again
                if "" in codes:
                    wish.unsupported.append(reading.original(hit.first, hit.last))
                    wish.unsupported_at.append(hit.first)
                reading.take(hit.first, hit.last, "known" if again else "flag")


def drafts_in(reading: Reading, *, styled: bool) -> DraftWish:
    """Whether drafts are asked for; the words are taken. `styled` also reads tone and length without the word draft."""
    wish = DraftWish()
    if reading.take_all(_REFUSED):
        wish.wanted = False
    wish.whom = bool(reading.take_all(_WHOM))
    style_first = styled or reading.first(_WANTED) is not None
    if style_first:
        _style(reading, wish)
    hits = reading.take_all(_WANTED)
    wish.nouns = len(hits)
    wish.places = [hit.first for hit in hits]
    if hits and wish.wanted is None:
        wish.wanted = True
    return wish


def bare_language(reading: Reading, wish: DraftWish) -> None:
    """A language that stands alone ("shorter and German"), for changing drafts."""
    for hit in reading.take_all(rf"(?P<first>{'|'.join(_LANGUAGES.values())})(?: please| instead)?{_NOT_COUNTRY}"):
        wish.language = wish.language or _code(hit.group("first")) or ""


def _style(reading: Reading, wish: DraftWish) -> None:
    for names, attribute in ((_TURNED, "tone"), (_TONES, "tone"), (_LENGTHS, "length")):
        for name, words in names.items():
            for hit in reading.take_all(rf"{_STYLE_LEAD}(?:{words}){_STYLE_TAIL}"):
                setattr(wish, attribute, getattr(wish, attribute) or name)
                wish.style_hits.append(hit)


def _code(word: str) -> str | None:
    """The language's code, "" for one that drafts cannot be written in, None for no word."""
    if not word:
        return None
    return next((code for code, words in _LANGUAGES.items() if re.fullmatch(words, word)), "")
