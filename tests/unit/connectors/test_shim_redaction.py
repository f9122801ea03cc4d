import pytest

from connectors.shim.redaction import Person, Redactor

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
