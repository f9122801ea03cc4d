import pytest

from connectors.company_names import company_name, domain_name, is_placeholder


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alpine Foods GmbH", "ALPINE FOODS G.M.B.H."),
        ("Alpine Foods GmbH", "  alpine   foods, gmbh "),
        ("Müller Söhne AG", "MULLER SOHNE A.G."),
        ("Société Générale Éditions SA", "SOCIETE GENERALE EDITIONS S.A."),
        ("Björkdal Stores ApS", "Bjorkdal Stores A/S"),
        ("Strauß & Co KG", "Strauss and Co. KG"),
        ("O'Neill Freight Ltd", "ONEILL FREIGHT LIMITED"),
        ("Wislana Travel sp. z o.o.", "WISLANA TRAVEL SP Z O O"),
        ("Montesol Medios S.A. de C.V.", "MONTESOL MEDIOS SA DE CV"),
        ("The Harwick Clinics plc", "Harwick Clinics PLC"),
        ("C++ Ltd", "c plus plus limited"),
    ],
)
def test_company_name_gives_the_same_for_two_spellings(one: str, other: str) -> None:
    assert company_name(one) == company_name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nordhafen Logistics GmbH", "Nordhafen Logistics AB"),
        ("Harbor Paper Inc", "Harbor Paper LLC"),
        ("Delta Fund 2 Ltd", "Delta Fund 3 Ltd"),
        ("Bauer GmbH", "Baur GmbH"),
        ("C++ GmbH", "C# GmbH"),
        ("ハハ", "パパ"),
        ("कि", "की"),
        ("ก่า", "ก้า"),
        ("AS Roma", "Roma"),
    ],
)
def test_company_name_keeps_different_companies_apart(one: str, other: str) -> None:
    assert company_name(one) != company_name(other)


@pytest.mark.parametrize("other", ["Mueller Soehne AG", "Muller Sohne AG", "MÜLLER SÖHNE AG", "Mueller Söhne AG"])
def test_spellings_of_an_umlaut_meet_in_the_fold(other: str) -> None:
    assert company_name("Müller Söhne AG").fold == company_name(other).fold


@pytest.mark.parametrize(
    ("one", "other"),
    [("Bauer", "Baur"), ("Sauer", "Saur"), ("Blue", "Blu"), ("Michael", "Michal"), ("Boutique", "Boutiqu")],
)
def test_letters_that_spell_no_umlaut_stay_in_the_fold(one: str, other: str) -> None:
    assert company_name(one).fold != company_name(other).fold


@pytest.mark.parametrize("name", ["", "---", "🚀", "Unknown", "N/A", "n.a.", "TEST", "Test GmbH", "GmbH", "Limited"])
def test_a_name_that_names_nobody_is_told(name: str) -> None:
    assert is_placeholder(name)
    assert not is_placeholder(f"Alpine {name}")


def test_company_name_keeps_a_name_that_is_only_a_legal_form() -> None:
    assert company_name("SE").stem == "se"


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.alpinefoods.example/about?x=1", "alpinefoods.example"),
        ("ap@AlpineFoods.example", "alpinefoods.example"),
        ("alpinefoods.example:443", "alpinefoods.example"),
        ("www.alpinefoods.example.", "alpinefoods.example"),
        ("", ""),
        ("localhost", ""),
        ("n.a.", ""),
        ("t.b.d", ""),
        ("127.0.0.1", ""),
        ("Alpine Foods <ap@alpinefoods.example>", "alpinefoods.example"),
        ("alpinefoods.example, alpine.example", "alpinefoods.example"),
        ("https://alpinefoods.example/?to=ap@other.example", "alpinefoods.example"),
    ],
)
def test_domain_name_reads_any_kind_of_address(address: str, domain: str) -> None:
    assert domain_name(address) == domain
