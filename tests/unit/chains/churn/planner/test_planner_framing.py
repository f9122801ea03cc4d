from __future__ import annotations

import pytest

from tests.unit.chains.churn.planner.plan_questions import Ask, said

FRAMES = [
    "For my Monday call: {}",
    "I need this for QBR prep: {}",
    "Preparing for the board: {}",
    "As VP Customer Success, I'd like to see {}",
    "As CRO I want to see {}",
    "From a CFO perspective, {}",
    "In preparation for next week's QBR, {}",
    "Hi there! Quick one before my 1:1 with the CFO - {}",
    "We have a board meeting on Thursday. {}",
    "I've got a call with our investors tomorrow, so {}",
    "Our CEO asked me for {}",
    "My boss wants to know: {}",
    "I'm putting together a deck for the board: {}",
    "Working on my territory plan. {}",
    "Need to brief Ines on {}",
    "Before I go on holiday: {}",
    "Ahead of the annual kickoff, {}",
    "On behalf of the sales team: {}",
    "Heads up for Friday's pipeline review: {}",
    "Sorry to bother you, but {}",
    "Just out of curiosity, {}",
    "Long story short: {}",
    "When you have a minute, {}",
    "Asking for a friend: {}",
    "Hi Tom, {}",
    "{}, thank you so much in advance!",
    "{}, cheers mate",
    "{}. Thanks, Tom",
    "pls {} thx",
    "{} at your earliest convenience",
    "Für mein Montagsmeeting: {}",
    "Ich bin CRO: {}",
    "En tant que DAF: {}",
    "Pour ma réunion de lundi : {}",
    "Como director de ventas: {}",
]


@pytest.mark.parametrize("frame", FRAMES)
def test_frame_around_a_question_changes_nothing_of_its_plan(ask: Ask, frame: str) -> None:
    bare = "SMB accounts at risk in France next quarter"
    plan = ask(frame.format(bare))
    assert said(plan) == {"segment": ["SMB"], "country": ["France"], "min_probability": 0.3}
    assert (plan.horizon.from_, plan.horizon.to) == ("2027-01-01", "2027-03-31")


@pytest.mark.parametrize(
    "wish", ["Add an e-mail draft for each one.", "Attach a short e-mail to each", "Put together e-mails"]
)
def test_wish_for_drafts_leaves_nothing_over_however_it_is_put(ask: Ask, wish: str) -> None:
    plan = ask(f"at-risk customers in France. {wish}")
    assert (plan.want_drafts, plan.unanswered) == (True, [])


@pytest.mark.parametrize(
    ("question", "owners"),
    [
        ("Marco's call is tomorrow; at-risk customers owned by Tom Avery", ["U2"]),
        ("To prepare my one-on-one with Tom Avery, list his at-risk accounts.", ["U2"]),
        ("Before my review: which of my accounts are at risk?", ["U1"]),
    ],
)
def test_owner_meant_is_kept_beside_a_frame(ask: Ask, question: str, owners: list[str]) -> None:
    assert ask(question).filters.owner == owners


@pytest.mark.parametrize(
    "question",
    ["at-risk customers who sponsor our conference", "at-risk customers in Germany, export to Excel"],
)
def test_condition_is_not_mistaken_for_a_frame(ask: Ask, question: str) -> None:
    assert ask(question).unanswered


def test_order_said_with_where_takes_the_words_before_it(ask: Ask) -> None:
    plan = ask("At-risk accounts in EMEA, ordered by where we lose most")
    assert (plan.sort, plan.unanswered) == ("arr_at_risk", [])


def test_frame_of_a_follow_up_does_not_make_it_a_new_question(ask: Ask) -> None:
    earlier = ask("SMB accounts at risk in France")
    plan = ask("for my Monday call, only the top 3", earlier, ["C-01"])
    assert said(plan) == {"segment": ["SMB"], "country": ["France"], "min_probability": 0.3, "top_n": 3}
