"""Hidden and reordering characters go; what people write in any script stays."""

from __future__ import annotations

import pytest

from chains.privacy import strip_unsafe


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x07c\x1bd\x7fe", "abcde"),
        ("line\r\nline\rline\u2028line", "line\nline\nline\nline"),
        ("tab\tand newline\n", "tab\tand newline\n"),
        ("exe\u202egnp.", "exegnp."),
        ("in\u2066visi\u2069ble", "invisible"),
        ("zero\u200bwidth\ufeff and soft\u00adhyphen", "zerowidth and softhyphen"),
        ("tags\U000e0041\U000e0042", "tags"),
        ("filler\u3164s\u115f", "fillers"),
        ("joined\u200dletters", "joinedletters"),
        ("selector\ufe0f and \ufe01", "selector and "),
        ("lone \ud83d surrogate", "lone \ufffd surrogate"),
    ],
)
def test_unsafe_characters_are_removed(text: str, expected: str) -> None:
    assert strip_unsafe(text) == expected


@pytest.mark.parametrize(
    "text", ["مرحبا بالعالم", "שלום עולם", "می\u200cخواهم", "👩\u200d💻 ✔\ufe0f", "naïve Straße", "日本語", "क्\u200dष"]
)
def test_ordinary_text_of_any_script_stays(text: str) -> None:
    assert strip_unsafe(text) == text
