import unicodedata

import pytest

from connectors.shim.name_words import Person
from connectors.shim.redaction import Redactor

PERSONS = [
    Person("a1", "Malte", "Wendt", "malte.wendt@alpine.example", "+49 30 23125850"),
    Person("a1", "Jürgen", "Möller-Voß", "jmv@alpine.example"),
    Person("a1", "Will", "Long"),
    Person("a1", "Anna", "von der Heide"),
    Person("a2", "Ruth", "Okoro", "ruth.okoro@harbor.example", "(212) 555-0188"),
    Person("a3", "伟", "王"),
]


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor(PERSONS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Please ask Malte Wendt.", "Please ask [[person]]."),
        ("please ask malte wendt", "please ask [[person]]"),
        ("Wendt, Malte signed; WENDT agreed.", "[[person]] signed; [[person]] agreed."),
        ("Maltes Konto, Malte's account", "[[person]]s Konto, [[person]]'s account"),
        ("Maltesisch is no name", "Maltesisch is no name"),
        ("Juergen Moeller-Voss and JURGEN", "[[person]] and [[person]]"),
        ("Ruth Okoro of another account", "[[person]] of another account"),
        ("Ruth alone is nobody here", "Ruth alone is nobody here"),
        ("I will take long to tell Will", "I will take long to tell [[person]]"),
        ("Von der Abteilung Heide", "Von der Abteilung [[person]]"),
        ("user malte.wendt cannot sign in", "user [[person]] cannot sign in"),
        ("write to x.y+z@mail.example, now", "write to [[email]], now"),
        ("call +49 30 23125850 or 030 23125850", "call [[phone]] or [[phone]]"),
        ("call (212) 555-0199 or 0171 2345678", "call [[phone]] or [[phone]]"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN [[iban]] please"),
    ],
)
def test_redactor_takes_persons_out(redactor: Redactor, text: str, expected: str) -> None:
    redacted = redactor.redact(text, "a1")
    assert redacted == expected
    assert redactor.redact(redacted, "a1") == redacted


@pytest.mark.parametrize(
    "text",
    [
        "Since 2026-11-03 and 03.11.2026, order 4500082818 of 1.200.000 rows fails with error 50012345.",
        "Version 2.14.3 from 10:15 to 11:45, 12 500 requests, INV-2026-00012345.",
        "[[contact_1.first_name]] stays.",
    ],
)
def test_redactor_leaves_dates_amounts_and_ids(redactor: Redactor, text: str) -> None:
    assert redactor.redact(text, "a1") == text


def test_redactor_finds_names_of_scripts_without_blanks(redactor: Redactor) -> None:
    assert redactor.redact("请联系王伟先生", "a3") == "请联系[[person]]先生"


def test_redactor_without_persons_still_knows_shapes() -> None:
    assert Redactor(()).redact("a@b.example") == "[[email]]"


TYPED = [
    Person("a1", "Juergen", "Mueller", "", "0664/1234567"),
    Person("a1", "Søren", "Łukaszewicz"),
    Person("a1", "Zoë", "Weiss"),
    Person("a1", "Jürgen", "Böhm"),
    Person("a1", "Hans Peter", "van der Berg"),
    Person("a1", "Will", "Rose"),
    Person("a1", "Ng", "Li"),
    Person("a1", "Anna Schuster"),
    Person("a1", "Dr. Karl", "Fink MBA", "k.fink@x.example"),
    Person("a1", "J.", "Okonkwo"),
    Person("a1", "O", "Ek"),
    Person("a1", "Renée", "D’Angelo"),
    Person("a1", "Ayşe", "Yılmaz"),
    Person("a1", "İbrahim", "Demir"),
    Person("a1", "", "Keller, Lisa"),
]


@pytest.fixture(scope="module")
def typed() -> Redactor:
    return Redactor(TYPED, ["Praxis Dr. Karl Fink", "Schuster GmbH", "Alpine Foods GmbH"])


@pytest.mark.parametrize(
    "text",
    [
        "Jürgen Müller", "Juergen Mueller", "JURGEN MULLER", "Soeren Lukaszewicz", "Soren Łukaszewicz", "Zoe Weiß",
        unicodedata.normalize("NFD", "Jürgen Böhm"), "juergen boehm", "Böhm, Jürgen", "böhm jürgen", "J. Böhm", "J Böhm",
        "Böhm J", "j.boehm", "H. P. van der Berg", "Hans Peter Berg", "Hans-Peter van der Berg", "will rose", "W. Rose",
        "Ng Li", "Schuster, Anna", "Anna  Schuster", "Karl Fink", "K. Fink", "k_fink", "J. Okonkwo", "O. Ek",
        "Renee D'Angelo", "Ayse Yilmaz", "AYŞE YILMAZ", "ibrahim demir", "Jürgen\nBöhm", "Jürgen \t Böhm", "Jürgen\u00a0Böhm",
        "Jür\u00adgen Bö\u00adhm", "J\u200bürgen B\u200böhm", "Ｊürgen Ｂöhm", "Jürgen_Böhm", "Jürgen<b>Böhm",
        "JürgenBöhm", "juergenboehm", "Lisa Keller", "Keller Lisa", "Weiss-Meier, Zoë",
    ],
)  # fmt: skip
@pytest.mark.parametrize("account_id", ["a1", "a2"])
def test_redactor_finds_full_names_however_they_are_typed(typed: Redactor, text: str, account_id: str) -> None:
    assert typed.redact(f"the user {text} called", account_id) == "the user [[person]] called"


@pytest.mark.parametrize(
    ("text", "own", "other"),
    [
        ("grüße, jürgen", "grüße, [[person]]", "grüße, jürgen"),
        ("Böhm, J. called", "[[person]]. called", "[[person]]. called"),
        ("okonkwo says", "[[person]] says", "okonkwo says"),
        ("Hr. Böhms Auto", "Hr. [[person]]s Auto", "Hr. [[person]]s Auto"),
        ("Herr van der Berg", "Herr van der [[person]]", "Herr van der [[person]]"),
        ("lkeller cannot log in", "[[person]] cannot log in", "lkeller cannot log in"),
        ("roses will bloom", "roses will bloom", "roses will bloom"),
        ("０６６４ １２３４５６７", "[[phone]]", "[[phone]]"),
        ('"k fink"@x or root@localhost', "[[email]] or [[email]]", "[[email]] or [[email]]"),
        ("j.b(at)x.example, k [at] x [dot] example", "[[email]], [[email]]", "[[email]], [[email]]"),
        ("12 m² à 5½ €, 10⁵", "12 m² à 5½ €, 10⁵", "12 m² à 5½ €, 10⁵"),
    ],
)
def test_redactor_finds_single_names_and_shapes(typed: Redactor, text: str, own: str, other: str) -> None:
    assert (typed.redact(text, "a1"), typed.redact(text, "a2")) == (own, other)
    assert typed.redact(own, "a1") == own


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Why is Praxis Dr. Karl Fink at risk?", "Why is Praxis Dr. Karl Fink at risk?"),
        ("Is Schuster at risk, says Karl Fink?", "Is Schuster at risk, says [[person]]?"),
        ("Will they rise? Ask okonkwo of Alpine Foods", "Will they rise? Ask [[person]] of Alpine Foods"),
        ("Accounts of lisa keller or x@y.example", "Accounts of [[person]] or [[email]]"),
    ],
)
def test_redactor_keeps_account_names_in_questions(typed: Redactor, question: str, expected: str) -> None:
    assert typed.redact_question(question) == expected


def test_redactor_keeps_no_forged_placeholder_that_holds_a_name(typed: Redactor) -> None:
    assert "fink" not in typed.redact("[[karl.fink]] and [[contact_1.first_name]]", "a2")
