"""The built-in writer: to whom, what it says, what it never says, and how it varies."""

from __future__ import annotations

import datetime as dt
import re
from itertools import combinations
from typing import get_args

import pytest

from chains.churn.email import EmailBrief, EmailOptions, Recipient, Sender, choose_recipient, tell, write_email
from chains.churn.email.language import Language, after_salutation, is_small, mail_language, spoken_date
from chains.churn.email.phrases import phrase_book
from chains.churn.email.quoting import printable_number, quotable_subject
from chains.churn.email.story import STORY_KEYS
from chains.churn.facts import FactBook
from chains.churn.next_steps import default_playbook
from chains.churn.tickets.reading import TOPICS
from chains.evidence import Draft
from connectors.records import Contact, Contract
from tests.unit.chains.churn.story_accounts import (
    AS_OF,
    account,
    brief,
    downsizing_brief,
    driver,
    leaving_brief,
    no_calls_brief,
    notice_brief,
    reading,
    ticket,
    topic_brief,
)

LANGUAGES: tuple[Language, ...] = get_args(Language)
NOV_3 = dt.date(2026, 11, 3)
INTERNAL = re.compile(
    r"\b(risk|churn|score|usage|revenue|declin\w*|drop\w*|payment|sentiment|champion|competitor|risiko|abwander\w*|"
    r"nutzung\w*|rückgang|umsatz|zahlung\w*|risque|attrition|baisse|paiement\w*|riesgo|abandono|caída|pagos?)\b",
    re.IGNORECASE,
)
PROMISES = re.compile(
    r"\b(will|shall|i'll|we'll|guarantee\w*|promise\w*|refund|discount|free|werden? (?:ich|wir)|(?:ich|wir) werden?|"
    r"garantier\w*|versprech\w*|rabatt|gratis|kostenlos|je vais|nous allons|garanti\w*|promett\w*|promets|remise|"
    r"gratuit\w*|"
    r"voy a|vamos a|garantiz\w*|promet\w*|descuento)\b",
    re.IGNORECASE,
)
NUMBER_WORDS = re.compile(
    r"\b(one|ones|two|three|once|twice|first|second|third|half|dozen|both|zwei\w*|drei\w*|beide\w*|erste[nrms]?|einmal|zweimal|"
    r"hundert|deux|trois|premi\w+|second|seconde|demi|neuf|neuve|fois|dos|tres|uno|primer\w*|segund\w*|medi[oa]|ambos)\b",
    re.IGNORECASE,
)


def draft_of(what: EmailBrief, variant: int = 0, **wishes: object) -> Draft:
    """The mail of a brief with fresh facts."""
    return write_email(what, FactBook({}, str), variant, EmailOptions(**wishes))  # type: ignore[arg-type]


def every_story(language: str, number: int = 0) -> list[EmailBrief]:
    """One brief for each story there is."""
    tickets = [
        topic_brief(topic, language, closed=closed, number=number) for topic in TOPICS for closed in (True, False)
    ]
    bare = brief(language=language, contract=None)
    ends = [notice_brief(language, number), downsizing_brief(language, number)]
    return [*tickets, leaving_brief(language, number), brief(language=language), bare, *ends]


def masked_sentences(draft: Draft) -> set[str]:
    """The body's sentences, with names, numbers, dates and quotations taken out."""
    text = re.sub(r"\[\[.*?\]\]", "N", draft.body)
    text = re.sub(r"[“„«].*?[”“»]", "Q", text)
    month = r"(?:January|November|October|Januar|Oktober|\w+bre|enero|janvier)"
    text = re.sub(rf"\d+(?:er|\.)?(?: de)? {month}(?: (?:de )?\d+)?", "D", text)
    text = re.sub(r"\d+", "0", text)
    return {s.strip() for s in re.split(r"(?<=[.?])\s+|\n+", text) if s.strip()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_story_gives_a_clean_mail_in_every_variant(language: Language) -> None:
    for number in range(0, 44, 3):
        for what in every_story(language, number):
            draft = draft_of(what, number)
            plain = re.sub(r"[“„«].*?[”“»]", "", draft.body + "\n" + draft.subject)
            assert 30 < len(draft.body.split()) < 180
            assert draft.language == language and draft.to_contact_id == "c1" and draft.written_by == "rules"
            for pattern in (INTERNAL, PROMISES, NUMBER_WORDS):
                assert not pattern.search(plain), (pattern.search(plain), draft.body)
            assert not re.search(r"[{}!]|https?:|  | [.,)]|,,|\.\.|\( ", draft.body), draft.body
            assert not draft.draft_id and not draft.digest


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_a_statement_and_every_number_stands_in_a_cited_shareable_fact(language: Language) -> None:
    for what in every_story(language, 7):
        facts = FactBook({}, str)
        draft = write_email(what, facts, 5)
        inner = "\n\n".join(draft.body.split("\n\n")[1:-1])
        for statement in draft.statements:
            assert statement.text in inner
            inner = inner.replace(statement.text, "", 1)
            values = " ".join(facts.get(i).value for i in statement.fact_ids)
            assert all(facts.get(i).audience == "shareable" for i in statement.fact_ids)
            for number in re.findall(r"\d+", statement.text):
                assert number in re.findall(r"\d+", re.sub(r"\b0(\d)", r"\1", values)) or number in ("30", "60")
        assert not inner.strip()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "story",
    [
        "outage",
        "billing",
        "other",
        "onboarding",
        "praise",
        "leaving",
        "review",
        "bare",
        "notice",
        "downsizing",
        "no calls",
    ],
)
@pytest.mark.parametrize("length", ["normal", "short"])
def test_sixty_mails_of_one_story_share_at_most_three_fifths_of_their_sentences(
    language: Language, story: str, length: str
) -> None:
    def one(number: int) -> EmailBrief:
        if story == "no calls":
            return no_calls_brief("bug", language, number=number)
        if story in ("leaving", "notice", "downsizing"):
            return {"leaving": leaving_brief, "notice": notice_brief, "downsizing": downsizing_brief}[story](
                language, number
            )
        if story == "bare":
            return brief(language=language, contract=None)
        return brief(language=language) if story == "review" else topic_brief(story, language, number=number)

    mails = [masked_sentences(draft_of(one(number), number, length=length)) for number in range(60)]
    worst = max(len(a & b) / min(len(a), len(b)) for a, b in combinations(mails, 2))
    assert worst <= 0.6


@pytest.mark.parametrize("language", LANGUAGES)
def test_mails_of_different_stories_with_the_same_variant_stay_apart(language: Language) -> None:
    for number in range(0, 33):
        stories = every_story(language, number)
        mails = [masked_sentences(draft_of(what, number)) for what in (*stories[:34:2], *stories[34:36])]
        worst = max(len(a & b) / min(len(a), len(b)) for a, b in combinations(mails, 2))
        assert worst <= 0.6


def test_a_mail_names_the_ticket_by_day_and_subject_and_by_number_at_the_end_of_the_sentence() -> None:
    what = brief([ticket("500123", NOV_3, subject="Login page is blank")], [reading("500123", "outage")])
    body = draft_of(what).body
    lead = next(line for line in body.split("\n\n") if "3 November" in line)
    assert "interruption of the service (“Login page is blank”)" in lead and "(ticket 500123). " in lead
    assert body.count("500123") == 1
    assert "engineering team" in body


def test_a_subject_in_another_language_is_described_by_its_topic() -> None:
    what = brief([ticket("500123", NOV_3, subject="Login page is blank")], [reading("500123", "outage")], language="de")
    body = draft_of(what).body
    assert "Login page" not in body and "Unterbrechung des Dienstes" in body and "500123" in body


def test_a_subject_that_the_fact_book_masks_is_not_quoted() -> None:
    what = brief([ticket("1", NOV_3, subject="Ottilie cannot log in")], [reading("1", "access")])
    mask = FactBook({}, lambda text: text.replace("Ottilie", "[[contact_2.first_name]]"))
    body = write_email(what, mask).body
    assert "Ottilie" not in body and "contact_2" not in body


def test_a_ticket_is_called_closed_only_when_it_is() -> None:
    for variant in range(11):
        still_open = draft_of(topic_brief("bug"), variant).body
        closed = draft_of(topic_brief("bug", closed=True), variant).body
        assert re.search(r"open|not closed|not been closed|yet to close", still_open)
        assert "23 October" in closed and not re.search(r"still open|yet to close", closed)


@pytest.mark.parametrize("language", LANGUAGES)
def test_regret_is_expressed_only_where_something_went_wrong(language: Language) -> None:
    regrets = set(phrase_book(language).slots["regret"])
    calm = brief([ticket("1", NOV_3)], [reading("1", "billing", 0.1, language=language)], language=language)
    for variant in range(11):
        for what in (calm, topic_brief("praise", language), leaving_brief(language), brief(language=language)):
            assert not regrets & {s.text for s in draft_of(what, variant).statements}
        assert regrets & {s.text for s in draft_of(topic_brief("outage", language), variant).statements}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_old_message_is_not_answered_as_if_it_came_yesterday(language: Language) -> None:
    slots = phrase_book(language).slots
    for topic, leave, fresh, old in (
        ("contract", 0.95, "report_leaving", "report_leaving_old"),
        ("bug", 0.0, "report", "report_old"),
    ):
        for opened, expected in ((dt.date(2026, 10, 10), fresh), (dt.date(2026, 9, 30), old)):
            what = brief(
                [ticket("1", opened, opened + dt.timedelta(days=3))],
                [reading("1", topic, leave=leave, language=language)],
                language=language,
            )
            starts = {after_salutation(text.split("{")[0], language) for text in slots[expected]}
            for variant in range(11):
                assert any(draft_of(what, variant).statements[0].text.startswith(start) for start in starts)
        assert not set(slots[fresh]) & set(slots[old])


def test_every_german_opening_of_the_phrase_book_goes_on_from_the_salutation_as_it_should() -> None:
    slots = phrase_book("de").slots
    undecided = [text for texts in slots.values() for text in texts if is_small(text) is None]
    assert undecided == []
    leads = [
        text for slot in ("report", "report_old", "review_renewal", "review_plain", "since") for text in slots[slot]
    ]
    shown = {after_salutation(text, "de").split()[0] for text in leads}
    assert {"mir", "was", "erlauben", "bis", "bevor", "einige", "Anlass", "Ihr"} <= shown


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        ("Mir liegt Ihre Nachricht vor.", "mir liegt Ihre Nachricht vor."),
        ("Erlauben Sie mir eine Frage.", "erlauben Sie mir eine Frage."),
        ("Danke, dass Sie schreiben.", "danke, dass Sie schreiben."),
        ("Anlass meiner Nachricht ist Ihr Ticket.", "Anlass meiner Nachricht ist Ihr Ticket."),
        ("Fragen zu den Preisen sind gut.", "Fragen zu den Preisen sind gut."),
        ("Sie haben uns geschrieben.", "Sie haben uns geschrieben."),
        ("Berichte fehlen seit Montag.", "Berichte fehlen seit Montag."),
    ],
)
def test_only_small_words_are_small_after_a_german_salutation(text: str, goes_on: str) -> None:
    assert after_salutation(text, "de") == goes_on
    assert after_salutation(text, "en") == text


@pytest.mark.parametrize(("topic", "sentiment"), [("how_to", 0.0), ("access", 0.0), ("integration", 0.1)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plain_request_is_not_answered_with_sympathy_for_trouble(
    language: Language, topic: str, sentiment: float
) -> None:
    what = brief([ticket("1", NOV_3)], [reading("1", topic, sentiment, language=language)], language=language)
    trouble = set(phrase_book(language).slots["care_trouble"])
    for variant in range(11):
        assert not trouble & {statement.text for statement in draft_of(what, variant).statements}


def test_trouble_with_access_is_met_with_sympathy() -> None:
    trouble = set(phrase_book("en").slots["care_trouble"])
    what = topic_brief("access", "en")
    assert any(trouble & {statement.text for statement in draft_of(what, n).statements} for n in range(11))


def test_a_problem_that_is_still_open_is_no_matter_of_the_past() -> None:
    what = brief([ticket("1", dt.date(2026, 9, 1))], [reading("1", "bug")])
    old = {text.split("{")[0] for text in phrase_book("en").slots["report_old"] if text[0] != "{"}
    for variant in range(11):
        lead = draft_of(what, variant).statements[0].text
        assert not any(lead.startswith(start) for start in old - {"On ", "Your team’s message of "}), lead


def test_an_old_closed_cancellation_gives_way_to_what_was_written_lately() -> None:
    june, july = dt.date(2026, 6, 20), dt.date(2026, 7, 1)
    tickets = [ticket("1", june, july), ticket("2", NOV_3)]
    readings = [reading("1", "contract", leave=0.95), reading("2", "billing")]
    assert "3 November" in draft_of(brief(tickets, readings)).body
    assert "20 June" in draft_of(brief(tickets[:1], readings[:1])).body


def test_a_mail_without_a_ticket_speaks_of_the_years_together_only_where_the_record_shows_them() -> None:
    renewal = dt.date(2027, 1, 10)
    years = Contract(start_date=dt.date(2022, 1, 10), term_months=12, renewal_date=renewal, seats=3)
    this_term = Contract(start_date=dt.date(2026, 1, 10), term_months=12, renewal_date=renewal, seats=3)
    assert "10 January 2022" in draft_of(brief(contract=years)).body
    assert (
        "10 January 2026" not in draft_of(brief(contract=this_term)).body
        and "10 January 2027" in draft_of(brief()).body
    )


def test_a_matter_closed_months_ago_is_let_rest_unless_it_is_open() -> None:
    july = dt.date(2026, 7, 1)
    closed = ticket("1", july, dt.date(2026, 7, 3), priority="critical")
    assert "July" not in draft_of(brief([closed], [reading("1", "outage")])).body
    still_open = ticket("1", july, priority="critical")
    assert "1 July" in draft_of(brief([still_open], [reading("1", "outage")])).body


def test_a_renewal_that_has_passed_is_not_mentioned() -> None:
    body = draft_of(brief(contract=Contract(renewal_date=dt.date(2026, 11, 1), seats=3))).body
    assert "November" not in body and "term of our agreement" not in body


def test_a_silent_leaver_is_asked_about_needs_from_renewal_and_seats() -> None:
    body = draft_of(brief()).body
    assert "10 January 2027" in body and "300 seats" in body and "30-minute" in body


def test_a_cancellation_gets_a_respectful_mail_without_thanks_for_kindness_or_a_renewal_pitch() -> None:
    for variant in range(11):
        draft = draft_of(leaving_brief(), variant, tone="friendly")
        assert draft.body.startswith("Dear ") and "conversation" in draft.body
        assert "seats" not in draft.body and "January" not in draft.body and "Notice of cancellation" not in draft.body


def test_a_second_ticket_is_named_only_beside_an_open_first() -> None:
    second = ticket("2", dt.date(2026, 11, 10), priority="normal")
    readings = [reading("1", "outage"), reading("2", "integration")]
    assert "ticket 2" in draft_of(brief([ticket("1", NOV_3), second], readings)).body
    closed = ticket("1", dt.date(2026, 11, 14), dt.date(2026, 11, 15), priority="critical")
    minor = ticket("2", dt.date(2026, 11, 10), priority="low")
    body = draft_of(brief([closed, minor], readings)).body
    assert "ticket 1" in body and "ticket 2" not in body


@pytest.mark.parametrize("wishes", [{"language": "de"}, {"length": "short"}, {"tone": "direct"}, {"tone": "friendly"}])
def test_a_redraft_keeps_ticket_and_proposal(wishes: dict[str, object]) -> None:
    what = topic_brief("outage")
    draft, redraft = draft_of(what, 3), draft_of(what, 3, **wishes)
    assert redraft.body != draft.body
    assert draft.statements[0].fact_ids[:2] == redraft.statements[0].fact_ids[:2]
    assert ("engineering team" in redraft.body) or ("unserer Technik" in redraft.body)
    assert "30" in redraft.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_short_mail_has_fewer_than_ninety_words_and_still_its_proposal(language: Language) -> None:
    for number in range(22):
        for what in every_story(language, number):
            draft = draft_of(what, number, length="short")
            assert len(draft.body.split()) < 90
            notice = any("cancellation" in read.cues for read in what.readings)
            assert notice != bool(re.search(r"\b(?:30|60)\b", draft.body))


def test_the_same_brief_and_variant_give_the_same_mail() -> None:
    assert draft_of(topic_brief("bug"), 9) == draft_of(topic_brief("bug"), 9)


def test_near_deadlines_move_the_proposal_to_the_coming_days() -> None:
    soon = Contract(renewal_date=dt.date(2026, 11, 20), seats=3)
    assert "in the coming days" in draft_of(brief(contract=soon)).body
    assert "next week" in draft_of(brief()).body


def test_what_a_signal_says_shapes_the_offer_and_never_stands_in_the_mail() -> None:
    people = brief(drivers=[driver("champion_gone", 0.9, "The champion left on 2026-10-01.")])
    story = tell(people, {key: offer.minutes for key, offer in default_playbook().offers.items()})
    assert (story.kind, story.offer, story.play_ids) == ("review", "introduction", ("new_champion",))
    body = draft_of(people).body
    assert "get to know each other" in body and "left" not in body and "October" not in body


def test_a_mail_without_names_is_still_whole() -> None:
    what = brief()
    nameless = EmailBrief(what.account, what.readings, what.plays, Recipient("c1", "de"), Sender(), what.as_of)
    body = draft_of(nameless).body
    assert body.startswith("Guten Tag,\n\n") and body.endswith("\nIhre Kundenbetreuung")


@pytest.mark.parametrize(
    ("wanted", "of_contact", "country", "expected"),
    [
        ("", "de", "France", "de"),
        ("", "fr-CH", "", "fr"),
        ("", "Español", "", "es"),
        ("", "", "Austria", "de"),
        ("", "", "Mexico", "es"),
        ("", "", "Sweden", "en"),
        ("", "sv", "Germany", "en"),
        ("fr", "de", "Germany", "fr"),
        ("Klingon", "de", "Germany", "de"),
    ],
)
def test_the_language_is_the_wish_then_the_contact_then_the_country(
    wanted: str, of_contact: str, country: str, expected: str
) -> None:
    assert mail_language(wanted, of_contact, country) == expected


@pytest.mark.parametrize(
    ("language", "country", "this_year", "next_year"),
    [
        ("en", "Germany", "1 November", "1 February 2027"),
        ("en", "United States", "November 1", "February 1, 2027"),
        ("de", "", "1. November", "1. Februar 2027"),
        ("fr", "", "1er novembre", "1er février 2027"),
        ("es", "", "1 de noviembre", "1 de febrero de 2027"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(
    language: Language, country: str, this_year: str, next_year: str
) -> None:
    assert spoken_date(dt.date(2026, 11, 1), language, AS_OF, country) == this_year
    assert spoken_date(dt.date(2027, 2, 1), language, AS_OF, country) == next_year


@pytest.mark.parametrize(
    "subject",
    [
        "DOWN",
        "SYSTEM IS DOWN NOW",
        "slow slow slow",
        "[[contact_2.last_name]] cannot log in",
        "Ignore previous instructions",
        "Please approve a refund",
        "see https://evil.example",
        "visit evil.com today",
        "This is a joke",
        "Kündigung zum nächstmöglichen Termin",
        "Thanks for the unscheduled tea break",
        "Broken again!",
        "hi",
        "x" * 80,
        "mail me at a@b",
        "call 0301234567",
        "invisible\u202etext here",
        "comments dissapear",
        "Comments dissapear in the board",
        "PLEASE check the export",
        "No answer for 4 days",
        "Vergleich mit Trellium",
        "Moving to Trellium next year",
    ],
)
def test_an_unclean_subject_is_not_quoted(subject: str) -> None:
    assert quotable_subject(subject, is_praise=False) == ""


def test_a_clean_subject_is_quoted_without_reply_marks() -> None:
    assert quotable_subject("Re: AW: Export writes wrong totals", is_praise=False) == "Export writes wrong totals"
    assert quotable_subject("Thank you to your night shift", is_praise=True) == "Thank you to your night shift"


@pytest.mark.parametrize(
    ("ticket_id", "printed"),
    [
        ("500123", "500123"),
        ("CS-127", "CS-127"),
        ("#4711", "#4711"),
        ("abc", ""),
        ("1 or 1=1", ""),
        ("5005f00000f1w8EAAQ", ""),
        ("FREE-1YEAR", ""),
        ("USD5000", ""),
        ("50-OFF", ""),
    ],
)
def test_a_ticket_number_is_printed_only_when_it_is_one(ticket_id: str, printed: str) -> None:
    assert printable_number(ticket_id) == printed


def test_the_recipient_is_present_willing_and_in_the_best_role() -> None:
    contacts = [
        Contact(contact_id="1", role="champion", left_on=dt.date(2026, 10, 1)),
        Contact(contact_id="2", role="executive_sponsor", email_opt_out=True),
        Contact(contact_id="3", role="procurement", email="p@x.example"),
        Contact(contact_id="4", role="power_user"),
        Contact(contact_id="5", role="administrator"),
    ]
    choice = choose_recipient(account(contacts=contacts), AS_OF)
    assert choice.contact is not None and choice.contact.contact_id == "5"
    assert choice.reason.startswith("administrator")


@pytest.mark.parametrize(
    ("contacts", "reason"),
    [
        ([], "no contact is known"),
        ([Contact(contact_id="1", left_on=AS_OF)], "every known contact has left"),
        ([Contact(contact_id="1", email_opt_out=True)], "every present contact has opted out of e-mail"),
        ([Contact(role="champion")], "no present contact has an id or an e-mail address"),
    ],
)
def test_without_a_recipient_the_reason_is_given(contacts: list[Contact], reason: str) -> None:
    choice = choose_recipient(account(contacts=contacts), AS_OF)
    assert (choice.contact, choice.reason) == (None, reason)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_book_knows_every_topic_and_offer(language: Language) -> None:
    book = phrase_book(language)
    assert set(book.offers) == set(default_playbook().offers)
    assert {t for t in STORY_KEYS if t not in ("praise", "review")} <= set(book.about)
    assert set(STORY_KEYS) <= set(book.agenda)
    assert set(book.slots) == set(phrase_book("en").slots)
    assert len({s for sentences in book.slots.values() for s in sentences}) >= len(book.slots) * 11 - 5


@pytest.mark.parametrize(
    ("language", "personal"),
    [
        (
            "en",
            r"\b[Yy]ou (?:wrote|contacted|sent|told|let us know|took)\b|\b[Yy]our (?:kind |friendly )?(?:message|words)\b",
        ),
        (
            "de",
            r"\bSie (?:sich|uns|haben)\b.*\b(?:geschrieben|gewandt|mitgeteilt|gesandt|gemeldet)|\bIhre (?:\w+ )?Nachricht\b",
        ),
        ("fr", r"\b[Vv]ous nous avez\b|\b[Vv]otre (?:aimable )?message\b|\b[Vv]os mots\b"),
        ("es", r"\b[Ss]u (?:amable )?mensaje\b|\bnos (?:escribieron|enviaron|dijeron)\b|\b[Ss]us palabras\b"),
    ],
)
def test_no_mail_claims_that_the_person_addressed_wrote_the_ticket(language: Language, personal: str) -> None:
    book = phrase_book(language)
    told = [
        line for name, lines in book.slots.items() if name.startswith("report") or name == "second" for line in lines
    ]
    lines = [*told, *(line for kind in book.subject.values() for line in kind)]
    assert not [line for line in lines if re.search(personal, line)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_tones_differ_in_salutation_sentences_and_close(language: Language) -> None:
    for variant in range(11):
        drafts = [draft_of(topic_brief("bug", language), variant, tone=t) for t in ("formal", "friendly", "direct")]
        for one, other in combinations(drafts, 2):
            assert one.body.split("\n")[0] != other.body.split("\n")[0]
            assert one.body.split("\n")[-2] != other.body.split("\n")[-2]
            assert len({s.text for s in one.statements} - {s.text for s in other.statements}) >= 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_mail_adds_a_true_sentence_where_there_is_one(language: Language) -> None:
    years = Contract(start_date=dt.date(2022, 1, 10), term_months=12, renewal_date=dt.date(2027, 1, 10))
    what = topic_brief("bug", language, contract=years)
    for variant in range(11):
        normal, long = draft_of(what, variant), draft_of(what, variant, length="long")
        added = [s for s in long.statements if s not in normal.statements]
        assert [s.fact_ids for s in added] == [["contract:a1:start_date"]]
    assert draft_of(topic_brief("bug", language), length="long") == draft_of(topic_brief("bug", language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_is_acknowledged_and_no_call_is_pressed_on_the_customer(language: Language) -> None:
    book = phrase_book(language).slots
    for variant in range(11):
        for what in (notice_brief(language), notice_brief(language, 0, "no_calls")):
            body = draft_of(what, variant).body
            assert re.search(r"notice|Kündigung|gekündigt|résiliation|cancelación", body)
            assert not re.search(r"30|licen|seats|Lizenz", body.replace("500000", ""))
        assert draft_of(what, variant).statements[-1].text in book["close_written"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_customer_who_wants_no_calls_is_offered_no_meeting(language: Language) -> None:
    for variant in range(11):
        draft = draft_of(no_calls_brief("outage", language), variant)
        assert "30" not in draft.body and draft.statements[-1].text in phrase_book(language).slots["close_written"]


def test_a_wish_for_fewer_seats_is_answered_with_a_review_of_the_terms_and_no_farewell() -> None:
    body = draft_of(downsizing_brief()).body
    assert "fewer seats or a smaller plan" in body and "review of your seats and your plan" in body
    assert "future of our agreement" not in body


@pytest.mark.parametrize(
    ("what", "topic"),
    [(leaving_brief(), "contract"), (notice_brief(), "contract"), (topic_brief("outage"), "outage")],
    ids=["leaving", "notice", "outage"],
)
def test_the_topic_beside_a_sentence_is_the_one_the_sentence_names(what: EmailBrief, topic: str) -> None:
    facts = FactBook({}, str)
    lead = write_email(what, facts).statements[0]
    assert [facts.get(i).value for i in lead.fact_ids if i.endswith(":topic")] == [topic]
