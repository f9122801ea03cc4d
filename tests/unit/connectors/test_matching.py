import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.matching import Party, match

ALPINE = Party("r1", "Alpine Foods GmbH", "https://www.alpinefoods.example")
HARBOR_INC = Party("r2", "Harbor Paper Inc", "harborpaper.example")
HARBOR_LLC = Party("r3", "Harbor Paper LLC", "harbor-paper.example")
RIGHT = [ALPINE, HARBOR_INC, HARBOR_LLC]


def test_match_takes_a_stated_id_over_a_contradicting_domain() -> None:
    matches = match([Party("l", "Somebody", "ap@harborpaper.example", reference="r1")], RIGHT)
    assert [(p.right, p.method, p.score) for p in matches.pairs] == [("r1", "id", 1.0)]


def test_match_goes_on_to_the_domain_when_the_stated_id_is_unknown() -> None:
    matches = match([Party("l", "ALPINE FOODS", "ap@alpinefoods.example", reference="gone")], RIGHT)
    assert [(p.right, p.method) for p in matches.pairs] == [("r1", "domain")]
    assert matches.stale == ["l"]


def test_match_asks_when_the_stated_id_is_unknown_and_only_the_name_is_the_same() -> None:
    matches = match(
        [Party("l", "Alpine Foods GmbH", reference="gone"), Party("m", "Cedar Ltd", reference="n/a")], RIGHT
    )
    assert matches.pairs == []
    assert matches.ambiguous[0].reason == "the account it states is not known, and only the name is the same"
    assert (matches.stale, matches.unmatched_left) == (["l"], ["m"])


def test_match_finds_a_differently_spelt_legal_name() -> None:
    matches = match([Party("l", "ALPINE FOODS G.M.B.H.")], RIGHT)
    assert [(p.right, p.method) for p in matches.pairs] == [("r1", "name")]


def test_match_finds_a_name_with_a_typing_error_by_its_domain_and_asks_without() -> None:
    (pair,) = match([Party("l", "Alpnie Foods GmbH", "alpinefoods.example")], RIGHT).pairs
    assert (pair.right, pair.method) == ("r1", "domain")
    assert 0.9 <= pair.score < 1
    matches = match([Party("l", "Alpnie Foods GmbH")], RIGHT)
    assert matches.pairs == []
    assert matches.ambiguous[0].candidates[0][0] == "r1"


@pytest.mark.parametrize("spelling", ["Mueller Optics GmbH", "Muller Optics GmbH", "MUELLER OPTICS G.M.B.H."])
def test_match_finds_a_name_whose_umlaut_is_spelt_out_or_lost(spelling: str) -> None:
    (pair,) = match([Party("l", spelling)], [Party("r", "Müller Optics GmbH"), ALPINE]).pairs
    assert pair.right == "r"
    assert (pair.score < 1) is ("ue" in spelling.casefold())


def test_match_takes_the_spelling_itself_where_two_customers_differ_only_by_an_umlaut() -> None:
    rights = [Party("r1", "Müller GmbH"), Party("r2", "Mueller GmbH")]
    assert match([Party("l", "MUELLER GMBH"), Party("m", "Müller GmbH")], rights).right_of() == {"l": "r2", "m": "r1"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bauer GmbH", "Baur GmbH"),
        ("Sauer AG", "Saur AG"),
        ("C++ GmbH", "C# GmbH"),
        ("ハハ", "パパ"),
        ("कि", "की"),
        ("East Midlands Trains Ltd", "West Midlands Trains Ltd"),
        ("North Hospital Trust", "South Hospital Trust"),
        ("Stadtwerke Homburg GmbH", "Stadtwerke Hamburg GmbH"),
        ("Alpine Growth Fund II", "Alpine Growth Fund III"),
        ("Immobilienfonds A GmbH", "Immobilienfonds B GmbH"),
        ("Northern Harbor Growth Fund 2 Ltd", "Northern Harbor Growth Fund 3 Ltd"),
        ("Bank of Austria", "Bank of Australia"),
        ("Wohnungsbaugenossenschaft Frankfurt Oder eG", "Wohnungsbaugenossenschaft Frankfurt Main eG"),
        ("Continental Insurance Holdings", "Intercontinental Insurance Holdings"),
        ("\u0410lpine Foods GmbH", "Alpine Foods GmbH"),
        ("Air France SA", "France Air SA"),
        ("AS Roma", "Roma"),
        ("Unknown", "unknown"),
        ("N/A", "n/a"),
        ("GmbH", "GmbH"),
        ("Test GmbH", "TEST"),
        ("中国银行北京分行", "中国银行南京分行"),
    ],
)
def test_match_never_merges_two_customers_by_names_that_are_only_similar(one: str, other: str) -> None:
    assert match([Party("l", one)], [Party("r", other)]).pairs == []


def test_match_asks_when_the_same_words_stand_in_another_order() -> None:
    (asked,) = match([Party("l", "Air France SA")], [Party("r", "France Air SA")]).ambiguous
    assert asked.reason == "the same words in another order"


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (("Schreinerei Meier GmbH", "holding.example"), ("Bäckerei Huber AG", "holding.example"),
         "the domain is the same, the names differ"),
        (("Growth Fund III", "fund.example"), ("Growth Fund II", "fund.example"),
         "the domain is the same, the names differ"),
        (("Zeta Bank AG", "x.example"), ("Alpine Bank AG", "x.example"), "the domain is the same, the names differ"),
        (("Alpine Hotels AG", "alpine.example"), ("Alpine Foods AG", "alpine.example"),
         "the domain is the same, the names differ"),
        (("Phoenix GmbH", "phoenix.at"), ("Phoenix GmbH", "phoenix.de"), "the same name with another domain"),
    ],
)  # fmt: skip
def test_match_asks_when_domain_and_name_contradict(one: tuple[str, str], other: tuple[str, str], reason: str) -> None:
    matches = match([Party("l", *one)], [Party("r", *other)])
    assert matches.pairs == []
    assert [asked.reason for asked in matches.ambiguous] == [reason]


def test_match_asks_when_the_domain_is_one_customer_s_and_the_name_another_s() -> None:
    rights = [Party("r1", "Alpine Foods GmbH", "alpine.example"), Party("r2", "Alpine Foods France SAS", "")]
    matches = match([Party("l", "Alpine Foods France SAS", "alpine.example")], rights)
    assert matches.pairs == []
    assert {key for key, _ in matches.ambiguous[0].candidates} == {"r1", "r2"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Alpine Foods France SAS", "Alpine Foods GmbH"),
        ("alpine foods prod", "Alpine Foods GmbH"),
        ("alpinefoods", "Alpine Foods GmbH"),
        ("BMW AG", "Bayerische Motoren Werke"),
        ("Alpine Group", "Alpine Foods GmbH"),
        ("Alpine Foods AG", "Alpine Foods GmbH"),
        ("Unknown", "Alpine Foods GmbH"),
        ("", "Alpine Foods GmbH"),
    ],
)
def test_match_takes_a_domain_whose_names_do_not_contradict(one: str, other: str) -> None:
    assert match([Party("l", one, "x.example")], [Party("r", other, "x.example")]).right_of() == {"l": "r"}


def test_match_finds_by_name_who_is_billed_through_a_service() -> None:
    lefts = [Party("a", "Alpine Foods GmbH", "x@post.example"), Party("b", "Harbor Paper LLC", "y@post.example")]
    assert match(lefts, RIGHT).pairs == []
    lefts.append(Party("c", "Cedar Ltd", "z@post.example"))
    assert match(lefts, RIGHT).right_of() == {"a": "r1", "b": "r3"}


def test_match_finds_by_name_who_is_billed_through_a_service_that_is_a_customer_itself() -> None:
    lefts = [
        Party(key, name, "ap@post.example")
        for key, name in (("a", "Alpine Foods GmbH"), ("b", "Harbor Paper LLC"), ("c", "Cedar Ltd"), ("d", "Post AG"))
    ]
    matches = match(lefts, [*RIGHT, Party("post", "Post AG", "post.example")], many_to_one=True)
    assert matches.right_of() == {"a": "r1", "b": "r3", "d": "post"}
    assert [asked.reason for asked in matches.ambiguous] == ["many customers share the domain"]


def test_match_never_takes_a_domain_that_many_customers_share_for_one_of_them() -> None:
    lefts = [Party(f"l{number}", domain="alpinefoods.example") for number in range(4)]
    assert len(match(lefts[:3], RIGHT, many_to_one=True).pairs) == 3
    assert match(lefts, RIGHT, many_to_one=True).pairs == []


def test_match_takes_what_a_person_says_over_everything() -> None:
    lefts = [
        Party("a", "Alpine Foods GmbH", "alpinefoods.example", "r1"),
        Party("b", "Alpine Foods GmbH", "alpinefoods.example", "r1"),
        Party("c", reference="r1"),
    ]
    matches = match(lefts, RIGHT, same={"a": "r2", "b": "", "c": "r9", "z": "r1"})
    assert matches.right_of() == {"a": "r2"}
    assert (matches.set_aside, matches.misstated, matches.unused) == (["b"], ["c"], ["z"])
    assert [asked.left for asked in matches.ambiguous] == ["c"]
    assert matches.unmatched_left == []


def test_match_tells_companies_of_one_name_apart_by_their_legal_form() -> None:
    matches = match([Party("l", "HARBOR PAPER L.L.C.")], RIGHT)
    assert matches.right_of() == {"l": "r3"}


def test_match_asks_when_a_name_may_be_two_companies() -> None:
    matches = match([Party("l", "Harbor Paper")], RIGHT)
    assert matches.pairs == []
    assert {key for key, _ in matches.ambiguous[0].candidates} == {"r2", "r3"}


def test_match_asks_when_only_the_legal_form_differs() -> None:
    matches = match([Party("l", "Alpine Foods Ltd")], RIGHT)
    assert matches.pairs == []
    assert matches.ambiguous[0].candidates[0][0] == "r1"


def test_match_asks_when_the_customer_is_already_given_away() -> None:
    matches = match([Party("a", reference="r1"), Party("b", "Alpine Foods GmbH")], RIGHT)
    assert matches.right_of() == {"a": "r1"}
    assert matches.ambiguous[0].left == "b"


def test_match_asks_when_two_customers_claim_one_by_name() -> None:
    matches = match([Party("a", "Alpine Foods GmbH"), Party("b", "ALPINE FOODS GMBH")], RIGHT)
    assert matches.pairs == []
    assert {a.left for a in matches.ambiguous} == {"a", "b"}


def test_match_lets_several_share_a_domain_when_asked_to() -> None:
    left = [Party("a", domain="x@alpinefoods.example"), Party("b", domain="y@alpinefoods.example")]
    assert match(left, RIGHT).pairs == []
    assert match(left, RIGHT, many_to_one=True).right_of() == {"a": "r1", "b": "r1"}


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com", "bluewin.ch", "yahoo.de", "yahoo.co.uk", "hotmail.de", "gmx.at", "outlook.de", "live.com.au",
        "msn.com", "me.com", "mac.com", "btinternet.com", "freenet.de", "mail.ru", "comcast.net", "a1.net", "chello.at",
        "linkedin.com", "de.linkedin.com", "facebook.com", "instagram.com", "github.io", "myshopify.com", "wixsite.com",
        "blogspot.com", "wordpress.com", "sites.google.com", "sharepoint.com", "gov.uk", "example.com", "n.a.", "t.b.d",
        "127.0.0.1", "mail.local",
    ],
)  # fmt: skip
def test_match_never_trusts_a_domain_that_is_nobody_s_own(domain: str) -> None:
    assert match([Party("l", "", f"ap@{domain}")], [Party("r", "Other", domain)]).unmatched_left == ["l"]


@pytest.mark.parametrize(
    "domain", ["live.acme.com", "acme.github.io", "acme.sharepoint.com", "x.gov.uk", "yahoo.example"]
)
def test_match_trusts_a_customer_s_own_place_below_a_shared_one(domain: str) -> None:
    assert match([Party("l", "", domain)], [Party("r", "Other", domain)]).right_of() == {"l": "r"}


def test_match_picks_by_name_among_customers_that_share_a_domain() -> None:
    right = [Party("r1", "Alpine Foods GmbH", "group.example"), Party("r2", "Alpine Hotels AG", "group.example")]
    matches = match([Party("l", "ALPINE HOTELS A.G.", "ap@group.example"), Party("m", "X", "ap@group.example")], right)
    assert matches.right_of() == {"l": "r2"}
    assert matches.ambiguous[0].left == "m"


party = st.builds(
    Party,
    key=st.text("abc", max_size=2),
    name=st.sampled_from(["", "Alpine GmbH", "Alpine AG", "Alpnie GmbH", "Harbor", "ÅÆØ", "GmbH", "."]),
    domain=st.sampled_from(["", "a.example", "b.example", "x@a.example"]),
    reference=st.text("abc", max_size=2),
)


@given(st.lists(party, max_size=8), st.lists(party, max_size=8), st.booleans())
def test_match_puts_every_left_customer_in_exactly_one_place(left: list[Party], right: list[Party], many: bool) -> None:
    matches = match(left, right, many_to_one=many)
    placed = [p.left for p in matches.pairs] + [a.left for a in matches.ambiguous] + matches.unmatched_left
    assert sorted(placed) == sorted({p.key for p in left if p.key})
    assert {p.right for p in matches.pairs} | set(matches.unmatched_right) == {p.key for p in right if p.key}


def test_match_asks_of_ten_thousand_misspelt_names_which_each_is() -> None:
    rng = random.Random(1)
    names = ["".join(rng.choices("abcdefghilmnoprstuv", k=9)) + " Freight Ltd" for _ in range(10_000)]
    misspelt = [name[0] + "x" + name[2:] for name in names]
    matches = match(
        [Party(f"l{i}", name) for i, name in enumerate(misspelt)],
        [Party(f"r{i}", name) for i, name in enumerate(names)],
    )
    assert len(matches.ambiguous) > 9_000
    assert all(asked.left[1:] == asked.candidates[0][0][1:] for asked in matches.ambiguous)
