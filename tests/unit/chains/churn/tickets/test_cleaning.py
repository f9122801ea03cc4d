"""The customer's own words out of a ticket."""

from __future__ import annotations

import pytest

from chains.churn.tickets.cleaning import HEAD_CHARS, TAIL_CHARS, bounded, folded, own_words, sentences, words_of

QUOTED = [
    "Thanks.\n\nOn Mon, 3 Feb 2025, Ann Lee wrote:\n> we cancel\n> all of it",
    "Danke.\n\nAm 3. Februar 2025 um 10:12 schrieb Ann Lee:\n> wir kündigen",
    "Merci.\n\nLe 3 février 2025 à 10:12, Ann Lee a écrit :\n> nous résilions",
    "Gracias.\n\nEl 3 feb 2025, Ann Lee escribió:\n> cancelamos",
    "Thanks.\n-----Original Message-----\nFrom: Ann Lee <ann@example.com>\nwe cancel",
]


@pytest.mark.parametrize("body", QUOTED)
def test_own_words_leave_out_quoted_replies(body: str) -> None:
    assert own_words(body).strip() == body.split("\n")[0]


@pytest.mark.parametrize(
    "closing", ["--", "Best regards", "Mit freundlichen Grüßen", "Cordialement", "Un saludo", "MfG"]
)
def test_own_words_leave_out_the_signature(closing: str) -> None:
    assert own_words(f"Please help.\n{closing}\nTom Hill\nLeave it to us GmbH").strip() == "Please help."


def test_own_words_keep_a_postscript_after_the_signature() -> None:
    assert "we cancel" in own_words("Please help.\nBest regards\nTom\nPS: we cancel the contract")


def test_own_words_keep_an_answer_between_quoted_lines() -> None:
    text = own_words("On Monday, 3 March Ann wrote:\n> shall we renew?\nNo, we cancel.\n> really?\nYes.")
    assert text.split("\n") == ["No, we cancel.", "Yes."]


def test_own_words_keep_a_body_that_opens_with_a_greeting_like_closing() -> None:
    assert "cancel" in own_words("Best\ncancel it")


@pytest.mark.parametrize("size", [10, HEAD_CHARS + TAIL_CHARS, 1_000_000])
def test_bounded_keeps_head_and_tail_of_a_long_body(size: int) -> None:
    body = "first " + "x y " * (size // 4) + " last"
    cut = bounded(body)
    assert len(cut) <= HEAD_CHARS + TAIL_CHARS + 1
    assert cut.startswith("first")
    assert cut.endswith("last")


def test_bounded_cuts_a_text_without_blanks() -> None:
    assert len(bounded("x" * 1_000_000)) <= HEAD_CHARS + TAIL_CHARS + 1


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Größe", "Grosse"),
        ("déçu", "decu"),
        ("mañana", "manana"),
        ("don’t", "don't"),
        ("„so“", '"so"'),
        ("œuvre", "oeuvre"),
    ],
)
def test_folded_is_plain_ascii(text: str, plain: str) -> None:
    assert folded(text) == plain


def test_folded_names_the_mood_of_emoji() -> None:
    assert folded("so 😡").split() == ["so", "emojiangry"]


def test_sentences_end_at_marks_and_lines_but_not_inside_dates() -> None:
    found = [" ".join(words_of(one)) for one in sentences("It ends on 31. Dezember! Really? Yes.\nv2.5 is fine; bye")]
    assert found == ["it ends on 31 dezember", "really", "yes", "v2 5 is fine", "bye"]


def test_words_keep_commas_and_join_negations() -> None:
    assert words_of('We don\'t, "ever" leave') == ["we", "dont", ",", '"', "ever", '"', "leave"]
