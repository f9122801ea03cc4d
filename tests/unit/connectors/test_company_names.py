import pytest

from connectors.company_names import company_name, domain_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alpine Foods GmbH", "ALPINE FOODS G.M.B.H."),
        ("Alpine Foods GmbH", "  alpine   foods, gmbh "),
        ("Müller Söhne AG", "Mueller Soehne AG"),
        ("Müller Söhne AG", "MULLER SOHNE A.G."),
        ("Société Générale Éditions SA", "SOCIETE GENERALE EDITIONS S.A."),
        ("Björkdal Stores ApS", "Bjorkdal Stores A/S"),
        ("Strauß & Co KG", "Strauss and Co. KG"),
        ("O'Neill Freight Ltd", "ONEILL FREIGHT LIMITED"),
        ("Wislana Travel sp. z o.o.", "WISLANA TRAVEL SP Z O O"),
        ("Montesol Medios S.A. de C.V.", "MONTESOL MEDIOS SA DE CV"),
        ("The Harwick Clinics plc", "Harwick Clinics PLC"),
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
    ],
)
def test_company_name_keeps_different_companies_apart(one: str, other: str) -> None:
    assert company_name(one) != company_name(other)


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
    ],
)
def test_domain_name_reads_any_kind_of_address(address: str, domain: str) -> None:
    assert domain_name(address) == domain
