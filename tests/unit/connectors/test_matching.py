import random
import time

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
    matches = match([Party("l", "Somebody", "ap@alpinefoods.example", reference="gone")], RIGHT)
    assert [(p.right, p.method) for p in matches.pairs] == [("r1", "domain")]


def test_match_finds_a_differently_spelt_legal_name() -> None:
    matches = match([Party("l", "ALPINE FOODS G.M.B.H.")], RIGHT)
    assert [(p.right, p.method) for p in matches.pairs] == [("r1", "name")]


def test_match_finds_a_name_with_a_typing_error() -> None:
    (pair,) = match([Party("l", "Alpnie Foods GmbH")], RIGHT).pairs or [None]
    assert pair is not None
    assert pair.right == "r1"
    assert 0.9 <= pair.score < 1


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


def test_match_never_trusts_a_public_mail_domain() -> None:
    matches = match([Party("l", "Somebody", "ap@gmail.com")], [Party("r", "Other", "other@gmail.com")])
    assert matches.unmatched_left == ["l"]


def test_match_picks_by_name_among_customers_that_share_a_domain() -> None:
    right = [Party("r1", "Alpine Foods GmbH", "group.example"), Party("r2", "Alpine Hotels AG", "group.example")]
    matches = match([Party("l", "ALPINE HOTELS A.G.", "ap@group.example"), Party("m", "X", "ap@group.example")], right)
    assert matches.right_of() == {"l": "r2"}
    assert matches.ambiguous[0].left == "m"


def test_match_does_not_merge_names_that_differ_in_a_number() -> None:
    matches = match(
        [Party("l", "Northern Harbor Growth Fund 2 Ltd")], [Party("r", "Northern Harbor Growth Fund 3 Ltd")]
    )
    assert matches.pairs == []
    assert matches.ambiguous[0].reason == "the names differ in a number"


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


def test_match_compares_ten_thousand_misspelt_names_within_five_seconds() -> None:
    rng = random.Random(1)
    names = ["".join(rng.choices("abcdefghilmnoprstuv", k=9)) + " Freight Ltd" for _ in range(10_000)]
    misspelt = [name[0] + "x" + name[2:] for name in names]
    started = time.perf_counter()
    matches = match(
        [Party(f"l{i}", name) for i, name in enumerate(misspelt)],
        [Party(f"r{i}", name) for i, name in enumerate(names)],
    )
    assert time.perf_counter() - started < 5
    assert len(matches.pairs) > 9_000
    assert all(pair.left[1:] == pair.right[1:] for pair in matches.pairs)
