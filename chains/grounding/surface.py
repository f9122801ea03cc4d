"""The checks of a draft's surface: placeholders, links, markup, length, recipient."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from chains.evidence import Check
from chains.grounding.policy import DraftAudience, DraftPolicy
from chains.grounding.reading import PLACEHOLDER, blank, clean, lowered
from chains.grounding.tables import table
from chains.privacy import strip_unsafe

_LEFTOVER = re.compile(
    r"\[\[?[^\[\]\n]{0,60}\]?\]|\{\{?[^{}\n]{0,60}\}\}?|<<?[^<>\n]{1,60}>>?|%\(?\w{1,30}\)?[sd]\b|\$\{?[A-Za-z_]\w*\}?|%%\w+%%|"
    r"\b(?:contact|owner)_\d+\b|\bTODO\b|\bXXX+\b|\bN/A\b|\[|\]|\{|\}|_{3,}",
)
_SCHEME = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,10}\s?:\s?/\s?/|\bhxxps?\b|\bh[t\*x]{2}ps?\s?:|\b(?:mailto|tel|sms|javascript|data|file):\S",
    re.IGNORECASE,
)
_WWW = re.compile(r"\bwww\d?\s?[.\[(]", re.IGNORECASE)
_DOT = r"(?:\.|[ ]?[\[({<][ ]?(?:\.|dot|punkt|point|punto)[ ]?[\])}>][ ]?|[ ](?:dot|punkt|point|punto)[ ]|。|．|｡)"
_DOMAIN = re.compile(
    rf"(?<![\w@])[^\W_](?:[\w-]*[^\W_])?(?:{_DOT}[^\W_](?:[\w-]*[^\W_])?){{0,4}}{_DOT}([^\W\d_]{{2,24}})(?![\w])",
    re.IGNORECASE,
)
_SPACED_DOMAIN = re.compile(
    r"\b[\w-]{2,}[ ]\.[ ]?([a-z]{2,10})\b|\b[\w-]{2,}\.[ ](com|net|org|io|ly)\b(?=[ ]*(?:/|$|[a-z]))", re.IGNORECASE
)
# "Votre point de vue" and "el punto no está" are no addresses: the sentence goes on after an everyday word.
_POINT = re.compile(
    r"(?<!\w)(?:point(?= (?:de|du|se) )|punto(?= (?:de|no|es|se) ))(?= \w\w [^\W\d_]{2,})", re.IGNORECASE
)
_AT = re.compile(r"[^\s@]\s?[@＠]\s?\w|\w\s?[\[({]\s?at\s?[\])}]\s?\w", re.IGNORECASE)
_IP = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])")
_PATH = re.compile(r"(?<![\w/])[\w.-]+\.[a-z]{2,}/\S+|(?<!\w)//\w+", re.IGNORECASE)
_MARKUP = re.compile(
    r"</?[a-z!][^>\n]*>?|&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});|\*\*|__|~~|(?<![\w*])\*[^\s*][^*\n]*\*|`|^\s{0,3}#{1,6}\s|\[[^\[\]\n]+\]\s?\(|!\[|^\s*\|.*\||"
    r"^\s*(?:-{3,}|={3,}|\*{3,})\s*$|^\s*>\s|\\[nrt\"]|(?<!\w)_[^\s_][^_\n]*_(?!\w)",
    re.IGNORECASE | re.MULTILINE,
)
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_LOOK_ALIKE = re.compile(
    "[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff\u1c80-\u1c8f\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff]"
)
_WORDS = re.compile(r"\S+")


def placeholders_valid(subject: str, body: str, audience: DraftAudience) -> Check:
    """Only placeholders of the recipient and the owner, spelt exactly; no leftovers of a template."""
    bad: list[str] = []
    for where, text in (("subject", subject), ("body", body)):
        spans = []
        for match in PLACEHOLDER.finditer(text):
            spans.append(match.span())
            if match.group() not in audience.placeholders:
                bad.append(f"{where}: {match.group()} is not of this draft's recipient or owner")
        rest = blank(text, spans)
        bad += [f"{where}: {match.group()[:40]}" for match in _LEFTOVER.finditer(clean(rest))]
    return _check("placeholders_valid", bad, "use only the placeholders given, as they are")


def no_links(subject: str, body: str, audience: DraftAudience, policy: DraftPolicy) -> Check:
    """No address of the web or of mail, however it is written, unless the policy allows exactly that one."""
    bad = [
        f"{where}: {found}"
        for where, text in (("subject", subject), ("body", body))
        for found in _links(text, audience, policy)
    ]
    return _check("no_links", bad, "leave addresses out")


def _links(text: str, audience: DraftAudience, policy: DraftPolicy) -> Iterator[str]:
    flat = clean(PLACEHOLDER.sub(" ", text))
    for allowed in sorted(policy.allowed_links, key=len, reverse=True):
        flat = re.sub(rf"(?<!\S){re.escape(allowed)}(?=[.,;:!?)]*(?:\s|$))", " ", flat)
    for name in (audience.account.name, *policy.known_names):
        if name and "/" not in name and "@" not in name:
            flat = re.sub(rf"(?<![\w./@-]){re.escape(name)}(?![\w/@-]|\.\w)", " ", flat)
    flat = _POINT.sub("-----", flat)
    for pattern in (_SCHEME, _WWW, _AT, _IP, _PATH):
        yield from (match.group() for match in pattern.finditer(flat))
    for match in (*_DOMAIN.finditer(flat), *_SPACED_DOMAIN.finditer(flat)):
        ending = next(group for group in match.groups() if group)
        if lowered(ending) in table("any")["domain_ends"]:
            yield match.group()


def no_markup(subject: str, body: str) -> Check:
    """Plain text only: no HTML, no Markdown, no hidden characters, no words that mix alphabets."""
    bad: list[str] = []
    for where, raw in (("subject", subject), ("body", body)):
        text = PLACEHOLDER.sub(" ", raw)
        if strip_unsafe(text) != text.replace("\r\n", "\n"):
            bad.append(f"{where}: hidden or control characters")
        if any(_LATIN.search(word) and _LOOK_ALIKE.search(word) for word in _WORDS.findall(text)):
            bad.append(f"{where}: a word mixes alphabets")
        bad += [f"{where}: {match.group().strip()[:20]}" for match in _MARKUP.finditer(text)]
    return _check("no_markup", bad, "write plain text")


def fits_length(subject: str, body: str, policy: DraftPolicy) -> Check:
    """Subject and body are there, and not longer than the policy allows; the subject is one line."""
    count = len(body.split())
    bad = []
    if not subject.strip() or "\n" in subject.strip():
        bad.append("the subject must be one line")
    if len(subject) > policy.max_subject_chars:
        bad.append(f"the subject has {len(subject)} characters, {policy.max_subject_chars} are allowed")
    if not count:
        bad.append("the body is empty")
    if count > policy.max_words:
        bad.append(f"the body has {count} words, {policy.max_words} are allowed")
    return _check("length", bad, "mend the length")


def right_recipient(audience: DraftAudience, as_of: dt.date) -> Check:
    """The contact is of this account, still there, and has not opted out."""
    contact = audience.contact()
    bad = []
    if contact is None:
        bad.append("the account has no such contact")
    elif contact.left_on is not None and contact.left_on <= as_of:
        bad.append("the contact has left")
    elif contact.email_opt_out:
        bad.append("the contact has opted out of e-mail")
    return _check("recipient", bad, "choose another contact")


def one_proposal(body: str, policy: DraftPolicy) -> Check:
    """At most one question is asked, where the policy wants a single proposal."""
    count = body.count("?")
    bad = [f"{count} questions"] if policy.one_proposal and count > 1 else []
    return _check("one_proposal", bad, "make one clear proposal")


def _check(name: str, bad: Sequence[str], mend: str) -> Check:
    bad = list(dict.fromkeys(bad))
    return Check(name=name, passed=not bad, detail=f"{'; '.join(bad[:5])}: {mend}" if bad else "")
