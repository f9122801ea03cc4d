"""Names that are words as well: taken out where a person is meant, left where the word is."""

from __future__ import annotations

import re

import pytest

from chains.privacy import Masker
from connectors.records import Account, Contact

OWN = Account(
    account_id="a",
    name="Alpine Foods GmbH",
    contacts=[
        Contact(contact_id="1", first_name="Jürgen", last_name="Müller"),
        Contact(contact_id="2", first_name="Karin", last_name="Weiß"),
        Contact(contact_id="3", first_name="Ada", last_name="Möre"),
        Contact(contact_id="4", first_name="Bo", last_name="Lindqvist"),
        Contact(contact_id="5", first_name="Will", last_name="Young"),
        Contact(contact_id="6", first_name="Aimée", last_name="Petit"),
        Contact(contact_id="7", first_name="Inés", last_name="Blanco"),
        Contact(contact_id="8", first_name="Rosa", last_name="Delgado"),
        Contact(contact_id="9", first_name="Mark", last_name="Groß"),
    ],
)
OTHER = Account(
    account_id="b",
    name="Other AG",
    contacts=[
        Contact(contact_id="1", first_name="Ngozi", last_name="Sûr"),
        Contact(contact_id="2", first_name="May", last_name="Schulze"),
        Contact(contact_id="3", first_name="Rose", last_name="Grün"),
    ],
)
# "<>" stands for a placeholder.
PERSONS = [
    ("Müller called, müller waits, MÜLLER too", "<> called, <> waits, <> too"),
    ("MÜLLER MELDET EINEN FEHLER", "<> MELDET EINEN FEHLER"),
    ("das Team von Mueller und müllers Konto", "das Team von <> und <> Konto"),
    ("Herr Weiß ist krank", "Herr <> ist krank"),
    ("HERR WEISS IST KRANK", "HERR <> IST KRANK"),
    ("Danke.\ngrüße, weiß", "Danke.\ngrüße, <>"),
    ("VIELEN DANK\nWEISS", "VIELEN DANK\n<>"),
    ("Weiß meldet sich nicht, weiß schrieb gestern", "<> meldet sich nicht, <> schrieb gestern"),
    ("bitte an frau weiß, danke", "bitte an frau <>, danke"),
    ("Ada Möre and möre alone", "<> <> and <> alone"),
    ("Merci de rappeler Petit. Petit a appelé", "Merci de rappeler <>. <> a appelé"),
    ("MME PETIT EST LÀ", "MME <> EST LÀ"),
    ("Cordialement,\npetit", "Cordialement,\n<>"),
    ("La Sra. Blanco espera; blanco llamó ayer", "La Sra. <> espera; <> llamó ayer"),
    ("HABLÉ CON BLANCO AYER", "HABLÉ CON <> AYER"),
    ("los delgados, Delgado, DELGADO", "los <>, <>, <>"),
    ("Will wrote, ask Will, will wrote", "<> wrote, ask <>, <> wrote"),
    ("LINDQVIST and BO have waited", "<> and <> have waited"),
    ("BO und LINDQVIST warten", "<> und <> warten"),
    ("Hi BO, it fails", "Hi <>, it fails"),
    ("It fails.\nThanks,\nBO", "It fails.\nThanks,\n<>"),
    ("please ask BO", "please ask <>"),
    ("BO meldet, BO a écrit, BO llamó", "<> meldet, <> a écrit, <> llamó"),
]
WORDS = [
    "ich weiß nicht, ob es weiß wird",
    "ICH WEISS NICHT",
    "Weiß jemand Bescheid?",
    "Es geht nicht. Weiß ich auch nicht warum.",
    "More of it, and more",
    "more and MORE",
    "will you fix it?",
    "Will you fix it?",
    "It broke. Will it work again?",
    "WILL YOU FIX IT",
    "mark it as young",
    "Mark the row. Mark any row.",
    "un petit problème, petit à petit",
    "UN PETIT PROBLÈME",
    "el fondo blanco, en blanco",
    "EL FONDO BLANCO",
    "groß und klein; nicht so groß",
    "the BO is down, our BO-12 and BO/FO",
    "das BO ist weg, via BO",
]
FOREIGN = [
    ("Did Sûr call?", "Did <> call?"),
    ("Schulze rief an", "<> rief an"),
    ("Je suis sur le site, c'est sur", None),
    ("In May we march on", None),
    ("der Status steht auf Grün", None),
    ("Rose and green", None),
]


def masked(text: str, account_id: str = "a") -> str:
    return re.sub(r"\[\[[a-z0-9_.]+\]\]", "<>", Masker([OWN, OTHER]).mask(text, account_id))


@pytest.mark.parametrize(("text", "expected"), PERSONS)
def test_an_own_persons_name_is_masked_where_a_name_stands(text: str, expected: str) -> None:
    assert masked(text) == expected


@pytest.mark.parametrize("text", WORDS)
def test_the_ordinary_word_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(("text", "expected"), FOREIGN)
@pytest.mark.parametrize("account_id", ["a", ""])
def test_a_name_of_elsewhere_is_masked_unless_it_is_a_word_as_written(
    text: str, expected: str | None, account_id: str
) -> None:
    assert masked(text, account_id) == (expected or text)


@pytest.mark.parametrize("text", [text for text, _ in PERSONS])
def test_masking_a_name_like_a_word_twice_changes_nothing_more(text: str) -> None:
    subject = Masker([OWN, OTHER])
    once = subject.mask(text, "a")
    assert subject.mask(once, "a") == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jennifer Delgado wrote", "<> <> wrote"),
        ("Dear Ngozi Delgado,", "Dear <> <>,"),
        ("Liebe Xaverl Müller,", "Liebe <> <>,"),
        ("Cordialement,\nThéo Delgado", "Cordialement,\n<> <>"),
        ("Saludos,\nPepa Delgado Ruiz", "Saludos,\n<> <> <>"),
        ("Dear Anna Okafor,", "Dear <>,"),
        ("Dear Rosa Okafor,", "Dear <> <>,"),
        ("Jennifer Team Delgado", "<> Team <>"),
        ("Dear Alpine Foods GmbH", "Dear Alpine Foods GmbH"),
    ],
)
def test_the_rest_of_a_name_beside_an_own_one_is_masked_too(text: str, expected: str) -> None:
    assert masked(text) == expected
