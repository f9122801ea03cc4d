"""The checks of what a draft must not say: promises, what only we may know, names of others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chains.evidence import Check
from chains.grounding.names import names_in, unknown_companies
from chains.grounding.policy import DraftAudience, DraftPolicy
from chains.grounding.reading import PLACEHOLDER, Reading, blank, clean, lowered, quoted_facts, read
from chains.grounding.tables import LANGUAGES, Commitments, commitments, phrases, promises, signals, stop_words

_PRONOUN = re.compile(r"(?:se)?(?:les?|los?|las?|nos)$")
_INSIDE_WORD = re.compile(r"(?<=[^\W\d_])[-_.*·•’~|\\/+]{1,2}(?=[^\W\d_])")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .\-_*]{1,2}){3,}[^\W\d_](?![^\W_])")
_NOT_LETTERS = re.compile(r"[ .\-_*]")
_LEET = str.maketrans("013457$@", "oieastsa")
_LEET_WORD = re.compile(r"(?<![^\W_])(?=\w*[^\W\d_])(?=\w*[0-9$@])[\w$@]{4,}(?![^\W_])")
# In clock times and ids a digit is a digit.
_PLAIN_MIX = re.compile(r"\d+[a-z]{1,3}|[a-z]{1,4}\d+")


def variants(reading: Reading) -> list[str]:
    """The text as it stands, and as it reads once hyphens, spaced letters and digits for letters are undone."""
    low = reading.low
    found = [low, _INSIDE_WORD.sub("", low)]
    if _SPACED.search(low):
        found.append(_SPACED.sub(_joined, low))
    if _LEET_WORD.search(low):
        found.append(_LEET_WORD.sub(_undo_leet, low))
    return list(dict.fromkeys(found))


def _joined(match: re.Match[str]) -> str:
    # A one-letter word before the spaced ones ("a d i s c o u n t") must not hide them.
    word = _NOT_LETTERS.sub("", match.group())
    return f"{word} {word[1:]} {word[:-1]}"


def _undo_leet(match: re.Match[str]) -> str:
    return match.group() if _PLAIN_MIX.fullmatch(match.group()) else match.group().translate(_LEET)


def quoteless(text: str, values: Sequence[str], names: Sequence[str] = ()) -> Reading:
    """The reading without what it quotes from facts between quotation marks, and without the names given."""
    reading = read(text)
    spans = [*quoted_facts(reading.text, values), *names_in(reading.text, names)]
    return Reading(blank(reading.text, spans), blank(reading.low, spans))


def harmless_passed_over(reading: Reading) -> Reading:
    """The reading without the phrases in which a word of the lists means no harm ("a great deal of work")."""
    spans = [match.span() for match in phrases("innocent").finditer(reading.low)]
    return Reading(blank(reading.text, spans), blank(reading.low, spans)) if spans else reading


def no_promises(readings: Sequence[Reading], policy: DraftPolicy, language: str = "") -> Check:
    """No first-person commitment and no offer that the playbook does not allow, in any of the four languages.

    `language` is the one that the text is checked to be in, or "".
    """
    texts = [text for reading in readings for text in variants(reading)]
    bad = [
        f"{kind} ({match.group().strip()})"
        for kind, pattern in promises().items()
        if kind not in policy.may_offer
        for text in texts
        for match in pattern.finditer(text)
        if kind != "entitlement" or not _offers_talk(text, match)
    ]
    if "commitment" not in policy.may_offer:
        bad += [f"commitment ({text})" for reading in readings for text in commitments_in(reading, language)]
    return _check("no_promises", bad, "the playbook does not allow it; say what can be discussed instead")


def _offers_talk(text: str, match: re.Match[str]) -> bool:
    """Whether what is offered is a conversation ("I can offer you a 30-minute call")."""
    following = re.split(r"[.!?;](?: |$)", text[match.end() : match.end() + 90])[0]
    found = phrases("proposal_words").search(f" {following}")
    return found is not None and len(following[: found.start()].split()) <= 9


def commitments_in(reading: Reading, language: str = "") -> Iterator[str]:
    """First-person futures whose verb is not one of the harmless ones ("I will send"), in any of the four languages."""
    for rules in commitments():
        # "haré" is a promise, "entre" is not: where the accent tells, the text is read with accents.
        # In French "tiré" and "préparé" are participles, not Spanish futures.
        accented = () if language == "fr" else rules.accented_futures
        for text, futures in ((reading.low, rules.futures), (reading.text, accented)):
            for match in (match for future in futures for match in future.finditer(text)):
                if not _is_harmless(text, match, rules):
                    yield match.group().strip()[:60]


def _is_harmless(text: str, match: re.Match[str], rules: Commitments) -> bool:
    said = re.split(r"[.!?]", lowered(text[match.start(1) : match.end(1) + 40]))[0]
    if rules.unsafe.search(said):
        return False
    verbs = lowered(match[1]).split() or [""]
    return any(_is_safe(verb.strip(",’"), rules.safe) for verb in (verbs if rules.any_verb else verbs[:1]))


def _is_safe(verb: str, safe: frozenset[str]) -> bool:
    # Spanish hangs pronouns on the verb: enviarle, mostrarles.
    return verb in safe or _PRONOUN.sub("", verb) in safe


def no_internal_signals(readings: Sequence[Reading], policy: DraftPolicy) -> Check:
    """Nothing that only we may know: scores, risk, usage called low, revenue, payment habits, competitors, who left."""
    texts = [text for reading in readings for text in variants(reading)]
    bad = [match.group().strip() for match in filter(None, map(signals().search, texts))]
    bad += [reading.text[a:b] for reading in readings for a, b in names_in(reading.text, policy.forbidden_names)]
    return _check("no_internal_signals", bad, "the customer must not read this; leave it out")


def names_supported(subject: str, body: str, audience: DraftAudience, policy: DraftPolicy) -> Check:
    """No other account, no unknown company, no person in plain."""
    own = [audience.account.name, *policy.known_names]
    bad: list[str] = []
    for where, raw in (("subject", subject), ("body", body)):
        text = PLACEHOLDER.sub(lambda match: "¤" * len(match.group()), clean(raw))
        others = [*audience.names.others_in(text, own), *unknown_companies(text, own)]
        bad += [f"{where}: another company's name at character {start + 1}" for start, _ in others]
        bad += [f"{where}: a name that must not be mentioned" for _ in names_in(text, policy.forbidden_names)]
        if _names_person(raw, audience, own):
            bad.append(f"{where}: a person's name or contact details in plain, use a placeholder")
    return _check("names_supported", bad, "name only this customer and our own products")


def _names_person(text: str, audience: DraftAudience, own: Sequence[str]) -> bool:
    # The masker reads the text as the checks do, so look-alike letters and hidden characters do not help.
    flat = PLACEHOLDER.sub(", ", clean(text))
    flat = blank(flat, list(names_in(flat, own)))
    return audience.masker.mask(flat, audience.account.account_id) != flat


def in_language(body: str, language: str, values: Sequence[str]) -> Check:
    """The text is in the stated language, as far as its small words tell."""
    if language not in LANGUAGES:
        return Check(name="language", passed=False, detail=f"no words are known for language {language!r}")
    reading = quoteless(body, values)
    bad = [] if _speaks(reading.low, language, least=2) else ["the text"]
    sentences = [sentence for sentence in re.split(r"[.!?]\s", reading.low) if len(sentence.split()) >= 6]
    if not all(_speaks(sentence, language, least=0, lead=2) for sentence in sentences):
        bad.append("a sentence")
    return _check("language", bad, f"write it in {language!r} throughout")


def _speaks(low: str, language: str, *, least: int, lead: int = 0) -> bool:
    found = re.findall(r"[^\W\d_]+", low)
    counts = {name: sum(word in stop_words(name) for word in found) for name in LANGUAGES}
    best_other = max(count for name, count in counts.items() if name != language)
    return counts[language] >= least and counts[language] + lead >= best_other + (lead == 0)


def _check(name: str, bad: Sequence[str], mend: str) -> Check:
    bad = list(dict.fromkeys(bad))
    return Check(name=name, passed=not bad, detail=f"{'; '.join(bad[:5])}: {mend}" if bad else "")
