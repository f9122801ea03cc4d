"""The customer's own words out of a ticket: bounded, without quoted replies and signatures, folded to tokens."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

HEAD_CHARS = 4000
TAIL_CHARS = 2000

_SIGNATURE_LINES = 12
_REPLY_HEADER = re.compile(
    r"\s*(?:on .{4,200} wrote:|am .{4,200} schrieb.{0,200}:|le .{4,200} a [eé]crit\s*:|el .{4,200} escribi[oó]\s*:"
    r"|[-_]{3,}\s*(?:original message|forwarded message|urspr(?:ü|ue|u)ngliche nachricht|weitergeleitete nachricht"
    r"|message d'origine|message transf[eé]r[eé]|mensaje original|mensaje reenviado).*"
    r"|(?:from|von|de)\s?: .{1,120}@.{1,120})\s*",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"\s*(?:--|—|(?:(?:with )?(?:best|kind|warm|kindest|many thanks and kind) )?regards"
    r"|best|best wishes|all the best|cheers"
    r"|sincerely|yours (?:sincerely|truly|faithfully)|respectfully"
    r"|(?:mit )?(?:freundlichen|besten|vielen|herzlichen|sch(?:ö|oe|o)nen) gr(?:ü|ue|u)(?:ß|ss)en"
    r"|(?:freundliche|beste|viele|liebe|herzliche|sch(?:ö|oe|o)ne) gr(?:ü|ue|u)(?:ß|ss)e"
    r"|mfg|vg|lg|gru(?:ß|ss)|hochachtungsvoll"
    r"|(?:bien )?cordialement|salutations|bien [àa] vous|sinc[èe]rement|(?:meilleures|sinc[èe]res) salutations"
    r"|saludos|(?:un )?saludo|(?:saludos )?cordiales|cordialmente|atentamente|un cordial saludo|saludos cordiales"
    r"|sent from my .{2,40}|von meinem .{2,40} gesendet|envoy[ée] de mon .{2,40}|enviado desde mi .{2,40})"
    r"(?:[\s,.!-]*|(?:,| aus | from | de ).{0,40})",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"\s*p\.?\s?s\.?[\s:.,-]", re.IGNORECASE)
_NON_ASCII = re.compile(r"[^\x00-\x7f]+")
_DATE_DOT = re.compile(
    r"\.(?<=\d\.) ?(?=[a-z\d]|J[aä]nuar|Jan |Feb|M[aä]e?rz|Apr|Mai|Jun|Jul|Aug|Sep|O[kc]t|Nov|De[zc]|Quartal|Juni|Juli)"
)

_THOUSANDS = re.compile(r"[.,'’\u00a0\u202f](?<=\d.)(?=\d{3}(?!\d))")

_SPECIAL = {
    "’": "'", "‘": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "ß": "ss", "ẞ": "ss",
    "œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ø": "o", "ł": "l", "…": ". ", "–": " ", "—": " , ", "¿": " ", "¡": " ",
    "。": ". ", "\u00a0": " ", "\u202f": " ", "\u2028": "\n", "\u2029": "\n",
}  # fmt: skip
_EMOJI = {
    " emojiangry ": "😡🤬😠👎💩😤🖕",
    " emojisad ": "😞😢😭😩😫☹🙁😕😒🙄😔😣😖",
    " emojihappy ": "🙂😊😀😃😄😁👍👏🙏🎉❤😍🥳💯🙌⭐💪🤩😻",
}
_FOLDED = {**_SPECIAL, **{symbol: name for name, symbols in _EMOJI.items() for symbol in symbols}}
_TABLE = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_TABLE.update({ord(kept): kept for kept in ',"'})


def bounded(body: str) -> str:
    """The body itself, or the head and the tail of one that is very long, cut between words."""
    if len(body) <= HEAD_CHARS + TAIL_CHARS:
        return body
    head, tail = body[:HEAD_CHARS], body[-TAIL_CHARS:]
    head_words, tail_words = head.rsplit(None, 1), tail.split(None, 1)
    return (head_words[0] if len(head_words) == 2 else head) + "\n" + (tail_words[1] if len(tail_words) == 2 else tail)


def own_words(body: str) -> str:
    """The lines its sender wrote: no quoted reply, no forwarded mail, no signature; a postscript stays."""
    lines = body.split("\n")
    kept: list[str] = []
    signature_left = 0
    written = False
    for number, line in enumerate(lines):
        if line.lstrip().startswith(">"):
            continue
        if len(line) < 240 and _REPLY_HEADER.fullmatch(line):
            if any(later.lstrip().startswith(">") for later in lines[number + 1 :]):
                continue
            break
        if _POSTSCRIPT.match(line):
            signature_left = 0
        elif written and len(line) < 60 and _SIGN_OFF.fullmatch(line):
            signature_left = _SIGNATURE_LINES
            continue
        if signature_left and line.strip():
            signature_left -= 1
            continue
        written = written or bool(line.strip())
        kept.append(line)
    return "\n".join(kept)


@lru_cache(maxsize=2048)
def _plain(run: str) -> str:
    return "".join(_FOLDED.get(char) or _without_accent(char) for char in run)


def _without_accent(char: str) -> str:
    if char.isspace():
        return " "
    return unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()


def folded(text: str) -> str:
    """The text in plain ASCII: no accents, straight quotes, moods of emoji as words."""
    return text if text.isascii() else _NON_ASCII.sub(lambda match: _plain(match[0]), text)


def sentences(text: str) -> list[str]:
    """The sentences of a text, folded to ASCII; some may be empty. A number in thousands stays one word."""
    text = folded(_THOUSANDS.sub("", text))
    if "." in text:
        text = _DATE_DOT.sub(" ", text).replace(". ", "\n")
    return text.replace("!", "\n").replace("?", "\n").replace(";", "\n").split("\n")


def words_of(sentence: str) -> list[str]:
    """Lower-case ASCII words of a folded sentence in order; `,` and `"` are words of their own."""
    text = sentence.replace(",", " , ") if "," in sentence else sentence
    if "'" in text:
        text = text.replace("n't", "nt").replace("N'T", "nt")
    if '"' in text:
        text = text.replace('"', ' " ')
    return text.translate(_TABLE).split()
