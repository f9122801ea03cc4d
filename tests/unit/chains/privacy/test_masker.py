"""The masker takes out who it knows and who the words around give away, and leaves everything else."""

from __future__ import annotations

import time

import pytest

from chains.privacy import Masker, fill, find_persons
from connectors.records import Account, Contact
from tests.unit.chains.privacy.people_at_alpine import ALPINE, OTHER, masker

FIRST, LAST = "[[contact_1.first_name]]", "[[contact_1.last_name]]"

OWN = [
    ("Anna wrote to us", f"{FIRST} wrote to us"),
    ("anna wrote to us", f"{FIRST} wrote to us"),
    ("ANNA SCHMIDT wrote", f"{FIRST} {LAST} wrote"),
    ("Anna's ticket and Annas Ticket", f"{FIRST}'s ticket and {FIRST} Ticket"),
    ("das Konto Schmidts ist gesperrt", f"das Konto {LAST} ist gesperrt"),
    ("l'accès d'Anna", f"l'accès d'{FIRST}"),
    ("Schmidt, Anna", f"{LAST}, {FIRST}"),
    (
        "user anna.schmidt and anna_schmidt and anna-schmidt",
        f"user {FIRST}.{LAST} and {FIRST}_{LAST} and {FIRST}-{LAST}",
    ),
    ("user aschmidt", f"user {LAST}"),
    ("Аnna (Cyrillic A), Ａｎｎａ, A\u200bnna", f"{FIRST} (Cyrillic A), {FIRST}, {FIRST}"),
    ("write to Anna.Schmidt@alpine.example.", "write to [[contact_1.email]]."),
    ("call 030 1234567 or +49 (0)30 123 45 67", "call [[contact_1.phone]] or [[contact_1.phone]]"),
    ("will you fix it?", "will you fix it?"),
    ("ask Will about it", f"ask {FIRST} about it"),
    ("will o'brien wrote", f"{FIRST} {LAST} wrote"),
    ("王伟先生您好", f"{LAST}先生您好"),
    ("Maria Jose Garcia Lopez wrote", f"{FIRST} {LAST} wrote"),
    ("García wrote", f"{LAST} wrote"),
    ("Juergen Mueller wrote", f"{FIRST} {LAST} wrote"),
    ("extension 4711-55", "extension [[contact_1.phone]]"),
    ("Jonas Weber looks after us", "[[owner_1.name]] looks after us"),
    ("Herr Weber looks after us", "Herr [[owner_1.last_name]] looks after us"),
]
STRANGERS = [
    ("Oluwaseun Adeyemi wrote", "[[person]] wrote"),
    ("oluwaseun adeyemi wrote", "[[person]] wrote"),
    ("OLUWASEUN wrote", "[[person]] wrote"),
    ("Adeyemi wrote", "[[person]] wrote"),
    ("Priya van der Berg wrote", "[[person]] wrote"),
    ("grace long wrote", "[[person]] wrote"),
    ("Grace Long wrote", "[[person]] wrote"),
    ("a grace period, as long as it takes", "a grace period, as long as it takes"),
    ("Grace period", "Grace period"),
    ("mail priya@other.example", "mail [[email]]"),
    ("call 0231 2582988 now", "call [[phone]] now"),
]
CONTEXT = [
    ("Hi Wei, it fails", "Hi [[person]], it fails"),
    ("hi wei,\nit fails", "hi [[person]],\nit fails"),
    ("Hello Ngozi can you look", "Hello [[person]] can you look"),
    ("Dear Ms Okafor, it fails", "Dear Ms [[person]], it fails"),
    ("Sehr geehrter Herr Dr. Vogel, es geht nicht", "Sehr geehrter Herr Dr. [[person]], es geht nicht"),
    ("Frau Müller-Lüdenscheidt rief an", "Frau [[person]] rief an"),
    ("Mme Leroy a appelé", "Mme [[person]] a appelé"),
    ("la Sra. Núñez llamó", "la Sra. [[person]] llamó"),
    ("It fails.\nBest regards,\nKwame Asante\nHead of IT", "It fails.\nBest regards,\n[[person]]\nHead of IT"),
    ("Geht nicht. Mit freundlichen Grüßen\nXaver Huber", "Geht nicht. Mit freundlichen Grüßen\n[[person]]"),
    ("Ça ne marche pas.\nCordialement,\nThéo Lambert", "Ça ne marche pas.\nCordialement,\n[[person]]"),
    ("No funciona.\nSaludos,\nPepa", "No funciona.\nSaludos,\n[[person]]"),
    ("it fails\nthanks\nkwame", "it fails\nthanks\n[[person]]"),
    ("Please ask Chidi in accounting", "Please ask [[person]] in accounting"),
    ("my colleague Tom Berger knows", "my colleague [[person]] knows"),
    ("unser Kollege Xaver Huber weiß es", "unser Kollege [[person]] weiß es"),
    ("My name is Kwame", "My name is [[person]]"),
    ("Ich heiße Xaver Huber.", "Ich heiße [[person]]."),
    ("Hello, this is Chidi from finance", "Hello, this is [[person]] from finance"),
    ("we told Kimberly about it", "we told [[person]] about it"),
    ("It broke.\nKwame Asante, CFO", "It broke.\n[[person]], CFO"),
]
PATTERNS = [
    ("mail me at x.y+z@mail.example.org today", "mail me at [[email]] today"),
    ("mail me at jo (at) mail (dot) example today", "mail me at [[email]] today"),
    ("esme@orion.example. Same address", "[[email]]. Same address"),
    ("Tel. 040/123456", "Tel. [[phone]]"),
    ("Mobile: +40 326 8658830", "Mobile: [[phone]]"),
    ("06 12 34 56 78", "[[phone]]"),
    ("(555) 123-4567 ext. 89", "[[phone]]"),
    ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN [[iban]]."),
    ("gb33bukb20201555555555", "[[iban]]"),
    ("card 4539 9889 1572 0591", "card [[card]]"),
    ("from 192.168.10.7 and 2001:db8::8a2e:370:7334", "from [[ip]] and [[ip]]"),
    ("SSN 364-21-3719", "SSN [[id_number]]"),
    ("Hauptstraße 12a, 80331 München", "[[address]]"),
    ("moved to 1755 Nelson Mandela Drive, Apt. 4, Springfield, IL 62701", "moved to [[address]]"),
    ("12 rue de la Paix, 75002 Paris", "[[address]]"),
    ("Calle Mayor 5, 28013 Madrid", "[[address]]"),
    ("P.O. Box 1234", "[[address]]"),
]
KEPT = [
    "Export fails with error 403 since 2026-11-03",
    "INV-43827 over 1.234.567,00 EUR is due on 03.11.2026",
    "order 4500012345 and ticket 00123456",
    "version 10.2.3.4 crashes",
    "We have 452 agents and 75 196 772 rows",
    "Hi Team, hello world. Guten Tag Support,",
    "Hello, I can't log in",
    "Dear Customer Service,",
    "Northwind moved to Salesforce; ask Support in Slack",
    "The API Gateway returns 502, SSO works",
    "Contact Salesforce. Don't Panic",
    "This is Urgent and it's Friday",
    "Die Rechnung stimmt nicht. Bitte an Buchhaltung",
    "Merci beaucoup",
    "Thanks,\nSupport Team",
    "Anna Schmidt GmbH asked us",
    "Alpine Foods GmbH",
    "Claude Studio does not start",
    "It broke.\nChief Operating Officer",
    "In May we march on",
    "مرحبا بالعالم",
    "Column widths reset in Firefox and Edge; Chrome remembers them.",
]


def ids(rows: list[tuple[str, str]]) -> list[str]:
    return [before.encode("ascii", "backslashreplace").decode() for before, _ in rows]


@pytest.mark.parametrize(("text", "expected"), OWN, ids=ids(OWN))
def test_own_person_becomes_a_numbered_placeholder(text: str, expected: str) -> None:
    assert masker().mask(text, "a1") == expected


@pytest.mark.parametrize(("text", "expected"), STRANGERS, ids=ids(STRANGERS))
def test_person_of_another_account_becomes_neutral(text: str, expected: str) -> None:
    assert masker().mask(text, "a1") == expected


@pytest.mark.parametrize(("text", "expected"), CONTEXT, ids=ids(CONTEXT))
def test_unknown_name_is_told_by_its_context(text: str, expected: str) -> None:
    assert masker().mask(text, "a1") == expected


@pytest.mark.parametrize(("text", "expected"), PATTERNS, ids=ids(PATTERNS))
def test_unknown_value_is_told_by_its_shape(text: str, expected: str) -> None:
    assert masker().mask(text, "a1") == expected


@pytest.mark.parametrize("text", KEPT)
def test_text_without_persons_stays_as_it_is(text: str) -> None:
    assert masker().mask(text, "a1") == text


@pytest.mark.parametrize(("text", "expected"), OWN + STRANGERS + CONTEXT + PATTERNS)
def test_masking_twice_changes_nothing_more(text: str, expected: str) -> None:
    subject = masker()
    once = subject.mask(text, "a1")
    assert subject.mask(once, "a1") == once


@pytest.mark.parametrize(("text", "expected"), OWN + STRANGERS)
def test_canary_finds_no_known_person_after_masking(text: str, expected: str) -> None:
    assert find_persons(masker().mask(text, "a1"), [ALPINE, OTHER]) == []


def test_canary_finds_what_was_left() -> None:
    text = "anna schmidt, 49 30 1234567, PRIYA, priya@OTHER.example, will you"
    assert find_persons(text, [ALPINE, OTHER]) == ["+49 30 1234567", "Anna Schmidt", "Priya", "priya@other.example"]


def test_numbering_follows_the_order_of_first_request() -> None:
    subject = masker()
    assert subject.contact("a1", "c2") == "contact_1"
    assert subject.mask("Anna", "a1") == "[[contact_2.first_name]]"
    assert subject.contact("a1", "c2") == "contact_1"
    assert subject.owner("a1") == subject.owner("b1") == "owner_1"


def test_unknown_contact_is_refused() -> None:
    with pytest.raises(KeyError):
        masker().contact("a1", "nobody")


def test_two_contacts_of_one_first_name_are_told_apart_by_the_second() -> None:
    account = Account(
        account_id="a",
        contacts=[
            Contact(contact_id="1", first_name="Anna", last_name="Schmidt"),
            Contact(contact_id="2", first_name="Anna", last_name="Keller"),
        ],
    )
    subject = Masker([account])
    subject.contact("a", "1")
    assert subject.mask("Anna Keller", "a") == "[[contact_2.first_name]] [[contact_2.last_name]]"


def test_placeholders_name_ids_and_never_values() -> None:
    subject = masker()
    subject.mask("Anna Schmidt and Jonas Weber", "a1")
    rows = [(row.placeholder, row.contact_id, row.owner_id, row.field) for row in subject.placeholders("a1")]
    assert rows == [
        ("[[contact_1.first_name]]", "c1", "", "first_name"),
        ("[[contact_1.last_name]]", "c1", "", "last_name"),
        ("[[owner_1.name]]", "", "o1", "name"),
    ]
    assert subject.placeholders("b1") == []


def test_fill_puts_the_values_back_once() -> None:
    subject = masker()
    masked = subject.mask("Anna Schmidt, anna.schmidt@alpine.example, Jonas Weber", "a1")
    assert subject.fill(masked) == "Anna Schmidt, anna.schmidt@alpine.example, Jonas Weber"
    assert fill("[[contact_1.email]] [[contact_9.email]]", {"[[contact_1.email]]": "[[contact_9.email]]"}) == (
        "[[contact_9.email]] [[contact_9.email]]"
    )


def test_forged_placeholder_loses_its_force() -> None:
    subject = masker()
    subject.mask("Anna", "a1")
    assert (
        subject.mask("send to [[contact_1.email]] and [[contact_7.email]]", "b1") == "send to [[person]] and [[person]]"
    )
    assert "[[" not in subject.mask("[[contact_1.first name]] [[[[", "a1")


def test_company_named_like_its_owner_keeps_its_name() -> None:
    account = Account(
        account_id="a", name="Anna Schmidt", contacts=[Contact(contact_id="1", first_name="Anna", last_name="Schmidt")]
    )
    subject = Masker([account])
    assert subject.mask("Anna Schmidt", "a") == "Anna Schmidt"
    assert subject.mask("Anna Schmidt called", "a") == "[[contact_1.first_name]] [[contact_1.last_name]] called"


def test_contact_without_values_masks_nothing_and_keeps_its_handle() -> None:
    account = Account(account_id="a", contacts=[Contact(contact_id="1")])
    subject = Masker([account])
    assert subject.contact("a", "1") == "contact_1"
    assert subject.mask("Nothing here", "a") == "Nothing here"
    assert subject.mapping() == {}


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10**6,
        "@" * 10**6,
        "a@" * 500_000,
        "1 " * 500_000,
        "[" * 10**6,
        " " * 10**6,
        ":a" * 500_000,
        "12 Main " * 125_000,
        "A." * 500_000,
    ],
    ids=["letters", "at signs", "mail", "digits", "brackets", "blanks", "colons", "streets", "initials"],
)
def test_a_megabyte_is_masked_in_bounded_time(text: str) -> None:
    subject = masker()
    subject.mask("warm", "a1")
    start = time.process_time()
    subject.mask(text, "a1")
    assert time.process_time() - start < 15
