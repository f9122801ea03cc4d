"""What stands before the @ of an e-mail, met in free text without its domain."""

from __future__ import annotations

import pytest

from chains.privacy import Masker
from chains.privacy.local_parts import is_role, local_part
from chains.privacy.people import Person
from chains.privacy.typed import without_typed_names
from connectors.records import Account, Contact, Owner

PEOPLE = [
    ("Anne-Marie", "D’Arcy", "am.darcy"),
    ("Anna", "Schmidt", "aschmidt2"),
    ("Jürgen", "Müller", "j.mueller"),
    ("Alexander", "Vance", "alex.v"),
    ("Will", "Young", "w.young"),
    ("Karin", "Weiß", "kw"),
    ("Jennifer", "Delgado", "sunny_77"),
    ("Chloé", "Lefèvre", "c-lefevre"),
    ("Inés", "Núñez", "inesn"),
    ("Ada", "Lindqvist", "info"),
    ("Bo", "Ek", "kundenservice"),
    ("Pia", "Holm", "customer.success"),
    ("Max", "Roth", "alpine"),
    ("Ali", "Sand", "quality"),
]
OWN = Account(
    account_id="a",
    name="Alpine Foods GmbH",
    owner=Owner(owner_id="o", name="Tom Berger", email="t.berger@vendor.example"),
    contacts=[
        Contact(contact_id=str(place), first_name=first, last_name=last, email=f"{local}@alpine.example")
        for place, (first, last, local) in enumerate(PEOPLE)
    ],
)


def mask(text: str) -> str:
    return Masker([OWN], keep=["Claude Studio"]).mask(text, "a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user am.darcy cannot log in, nor can AM.DARCY", "[[contact_1.email]] [[contact_1.email]]"),
        ("Darcy is the admin", "[[contact_1.last_name]]"),
        ("Benutzer aschmidt ist gesperrt", "[[contact_1.last_name]]"),
        ("Anmeldung als j.mueller oder j_mueller", "[[contact_1.email]] [[contact_1.email]]"),
        ("alex.v is locked", "[[contact_1.email]]"),
        ("the rows of w.young", "[[contact_1.last_name]]"),
        ("user kw, user: kw", "[[contact_1.email]] [[contact_1.email]]"),
        ("login sunny_77", "[[contact_1.email]]"),
        ("l'utilisateur c-lefevre", "[[contact_1.email]]"),
        ("el usuario inesn no puede entrar", "[[contact_1.email]]"),
        ("t.berger looks after us", "[[owner_1.name]]"),
    ],
)
def test_an_own_persons_user_name_is_masked(text: str, expected: str) -> None:
    found = [word.strip(",") for word in mask(text).split() if "[[" in word]
    assert " ".join(found) == expected


@pytest.mark.parametrize(
    "text",
    [
        "the info box, user info, support",
        "unser Kundenservice und kundenservice",
        "customer.success told us",
        "alpine users, user alpine",
        "quality is poor, la calidad, qualité",
        "in KW 12 and kw 13",
        "I am. Darcyites",
        "a sunny day",
    ],
)
def test_roles_companies_and_words_stay(text: str) -> None:
    assert mask(text) == text


def test_an_address_is_masked_whole_whatever_its_domain() -> None:
    assert mask("am.darcy@alpine.example, am.darcy@home.example") == "[[contact_1.email]], [[email]]"


def test_masking_a_user_name_twice_changes_nothing_more() -> None:
    subject = Masker([OWN])
    once = subject.mask("user am.darcy, j.mueller, t.berger, w.young", "a")
    assert subject.mask(once, "a") == once


@pytest.mark.parametrize(
    ("word", "expected"),
    [("support", True), ("vertrieb", True), ("facturacion", True), ("compta", True), ("customersuccess", True),
     ("darcy", False), ("mueller", False), ("jschmidt", False)],
)  # fmt: skip
def test_a_role_is_told_from_a_name(word: str, expected: bool) -> None:
    assert is_role(word) is expected


@pytest.mark.parametrize(
    ("first", "last", "local", "expected"),
    [
        ("Anna", "Schmidt", "anna.schmidt", None),
        ("Anna", "Schmidt", "a.schmidt", False),
        ("Anna", "Schmidt", "sales", None),
        ("Anna", "Schmidt", "anna.sales", False),
        ("Anna", "Schmidt", "team.north", None),
        ("Anna", "Schmidt", "jenny_d", False),
        ("Anna", "Schmidt", "sunshine", True),
        ("Anna", "Schmidt", "studio1", None),
        ("", "", "jdoe", True),
        ("", "", "", None),
    ],
)
def test_a_local_part_counts_by_what_it_is_made_of(first: str, last: str, local: str, expected: bool | None) -> None:
    person = Person("contact", ("a", "1"), first, last, f"{local}@x.example", "")
    found = local_part(person, frozenset({"alpine"}))
    assert (found.needs_login if found else None) is expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("why is darcy unhappy?", "why is [[person]] unhappy?"),
        ("what does lefèvre want?", "what does [[person]] want?"),
        ("inesn's company", "[[person]]'s company"),
        ("who sells quality to alpine?", "who sells quality to alpine?"),
        ("kundenservice, info", "kundenservice, info"),
    ],
)
def test_a_user_name_in_a_question_is_masked_when_it_holds_the_name(typed: str, expected: str) -> None:
    assert without_typed_names([typed], [OWN]) == [expected]
