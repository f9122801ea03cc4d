"""Persons on the wire: numbered anew for each request, and put back when the answer is home."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.models.wire import INVENTED, Wire


def test_equal_requests_of_two_runs_are_equal_texts() -> None:
    first = Wire().send("Dear [[contact_7.first_name]], [[owner_3.name]] and [[contact_9.last_name]] wrote.")
    second = Wire().send("Dear [[contact_1.first_name]], [[owner_8.name]] and [[contact_4.last_name]] wrote.")
    assert first == second == "Dear [[contact_1.first_name]], [[owner_1.name]] and [[contact_2.last_name]] wrote."


def test_a_person_keeps_its_number_over_fields_and_texts_of_one_request() -> None:
    wire = Wire()
    assert (
        wire.send("[[contact_7.first_name]] [[contact_7.last_name]]")
        == "[[contact_1.first_name]] [[contact_1.last_name]]"
    )
    assert wire.send("[[contact_9.email]] [[contact_7.email]]") == "[[contact_2.email]] [[contact_1.email]]"


def test_what_was_sent_comes_home_as_it_was() -> None:
    wire, text = Wire(), "[[contact_7.first_name]] of [[owner_3.name]]"
    assert wire.receive(wire.send(text)) == text


@pytest.mark.parametrize(
    "invented",
    [
        "[[contact_2.first_name]]", "[[contact_1.email]]", "[[owner_1.name]]", "[[contact_0.first_name]]",
        "[[contact_01.first_name]]", "[[boss_1.name]]", f"[[contact_{'9' * 5_000}.first_name]]",
        "[[contact_7.first_name]]",
    ],
    ids=lambda text: text[:30],
)  # fmt: skip
def test_a_placeholder_that_was_not_sent_becomes_one_that_nobody_has(invented: str) -> None:
    wire = Wire()
    wire.send("[[contact_7.first_name]]")
    assert wire.receive(f"Dear {invented},") == f"Dear {INVENTED},"


@pytest.mark.parametrize(
    "mangled",
    ["[contact_1.first_name]", "[[contact_1 .first_name]]", "[[Contact_1.first_name]]", "[[contact_١.first_name]]"],
)
def test_a_mangled_placeholder_stays_mangled_for_the_checks_to_find(mangled: str) -> None:
    wire = Wire()
    wire.send("[[contact_7.first_name]]")
    assert wire.receive(mangled) in (mangled, INVENTED)


@given(
    st.lists(st.tuples(st.sampled_from(["contact", "owner"]), st.integers(1, 40), st.sampled_from(["name", "email"])))
)
def test_any_text_comes_home_as_it_was_sent(parts: list[tuple[str, int, str]]) -> None:
    wire, text = Wire(), " and ".join(f"[[{kind}_{number}.{field}]]" for kind, number, field in parts)
    assert wire.receive(wire.send(text)) == text
