"""Writes the mail with a model: it is given shareable facts alone, and what it writes must stand on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from chains.churn.email import EmailBrief, EmailOptions, Story, letter_frame
from chains.churn.email.language import Language, after_salutation, mail_language, spoken_date
from chains.churn.email.phrases import phrase_book
from chains.churn.email.quoting import printable_number, quotable_subject
from chains.churn.facts import FactBook
from chains.churn.findings import TOPIC_WORDS, ToldTicket, told_tickets
from chains.churn.model.manners import well_mannered
from chains.churn.next_steps import Playbook
from chains.evidence import Check, Draft, Fact, Statement
from chains.models import AnswerForm, ModelRun, ModelStep
from chains.models.run import Attempt, masked
from chains.steps import Allowance, Outcome, Proposal, step

_LANGUAGES: Mapping[Language, str] = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}
_LENGTHS = {"short": "50 to 80", "normal": "80 to 130", "long": "120 to 160"}
_TONES = {
    "formal": "formal and warm",
    "friendly": "friendly and personal, still professional",
    "direct": "direct and brief, courteous",
}
_MOST_BESIDES = 2
_TOPIC_OF_THEME = {"leaving": "contract", "notice": "contract", "downsizing": "contract"}
_LEAST_BESIDES = 0.05


class SentenceNote(AnswerForm):
    """One sentence and the facts it rests on."""

    text: str
    facts: list[str]


class ParagraphNote(AnswerForm):
    """The sentences of one paragraph."""

    sentences: list[SentenceNote]


class Email(AnswerForm):
    """A mail without salutation and farewell."""

    subject: str
    paragraphs: list[ParagraphNote]


WRITE_EMAIL = ModelStep(
    "write_email",
    "churn/write_email.md",
    ("kind", "customer", "language", "tone", "words", "tickets", "contract", "offer", "no_calls"),
    Email,
)


@dataclass(frozen=True)
class Shown:
    """The facts a mail may rest on, by the reference they have in the prompt, and how the prompt shows them."""

    facts: Mapping[str, Fact]
    tickets: Sequence[Mapping[str, object]]
    contract: Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Letter:
    """What a mail is written from, by whichever engine."""

    brief: EmailBrief
    story: Story
    wishes: EmailOptions
    playbook: Playbook
    variant: int

    @property
    def language(self) -> Language:
        """The language of the mail."""
        return mail_language(self.wishes.language, self.brief.recipient.language, self.brief.account.country)


async def write_by_model(
    letter: Letter,
    book: FactBook,
    *,
    mask: Callable[[str], str],
    built_in: Callable[[], Draft],
    checked: Callable[[Draft, Mapping[str, Fact]], Sequence[Check]],
    models: ModelRun,
    allowance: Allowance,
) -> Outcome[Draft]:
    """The mail a model writes once it passes every check, after at most two repairs; else the built-in one.

    Args:
        letter: What it is written from.
        book: The account's facts; takes those that the mail cites.
        mask: Takes persons out of a text.
        built_in: The built-in writer.
        checked: Every check of a draft against these facts, by id.
        models: The run's models.
        allowance: The account's repairs.
    """
    shown = shareable_facts(letter, book.fresh())
    question = WRITE_EMAIL.question(
        kind=letter.story.kind,
        customer=letter.brief.account.name or "not known",
        language=_LANGUAGES[letter.language],
        tone=_TONES[letter.wishes.tone],
        words=_LENGTHS[letter.wishes.length],
        tickets=shown.tickets,
        contract=shown.contract,
        offer=_offer(letter),
        no_calls=letter.story.no_calls,
    )
    known = {fact.fact_id: fact for fact in shown.facts.values()}
    ref_of = {fact.fact_id: ref for ref, fact in shown.facts.items()}

    async def primary(attempts: Sequence[Attempt]) -> Proposal[Draft]:
        reply = await models.ask(question, masked(attempts, mask))
        draft = _draft(reply.value, shown.facts, letter, reply.model)
        manners = well_mannered(draft.statements, known, notice=letter.story.kind == "notice")
        checks = [*checked(draft, known), manners]
        return Proposal(draft.model_copy(update={"checks": checks}), reply.text, reply.model)

    def wrong(draft: Draft) -> list[str]:
        said = [f"{check.name}: {check.detail}" for check in draft.checks if not check.passed]
        return [_with_refs(text, ref_of) for text in said]

    outcome = await step(
        primary,
        built_in,
        wrong,
        name=WRITE_EMAIL.name,
        models=models,
        account_id=letter.brief.account.account_id,
        allowance=allowance,
    )
    if outcome.model:
        cited = {fact_id for statement in outcome.value.statements for fact_id in statement.fact_ids}
        book.take(fact for fact in known.values() if fact.fact_id in cited)
    return outcome


def shareable_facts(letter: Letter, book: FactBook) -> Shown:
    """What the customer may be told that bears on this mail: its tickets and the contract's dates and seats."""
    facts: dict[str, Fact] = {}

    def fact(what: str, fact_id: str, value: str) -> dict[str, str]:
        ref = f"f{len(facts) + 1}"
        facts[ref] = book.get(fact_id)
        return {"ref": ref, "what": what, "value": value}

    tickets = [
        {
            "role": role,
            "facts": [fact(*line) for line in _ticket_lines(told, letter, book)],
            "gist": told.reading.gist,
            "asks": told.reading.asks,
        }
        for role, told in _tickets_of(letter)
    ]
    contract = [fact(*line) for line in _contract_lines(letter, book)]
    return Shown(facts, tickets, contract)


def _tickets_of(letter: Letter) -> list[tuple[str, ToldTicket]]:
    """The ticket the mail is about, and those that may stand beside it: open ones, or the troubles behind a leaving."""
    story, brief = letter.story, letter.brief
    if story.main is None:
        return []
    chosen = [("The reason for writing, a message from them:", story.main)]
    if story.kind in ("notice", "praise"):
        return chosen
    besides = [
        told
        for told in told_tickets(brief.account, brief.readings, brief.as_of)
        if told.ticket.ticket_id != story.main.ticket.ticket_id
        and told.weight >= _LEAST_BESIDES
        and told.theme not in ("praise", "other", "leaving", "notice")
        and (told.is_open or story.kind == "leaving")
    ]
    return [*chosen, *(("Besides, another ticket of theirs:", told) for told in besides[:_MOST_BESIDES])]


def _ticket_lines(told: ToldTicket, letter: Letter, book: FactBook) -> list[tuple[str, str, str]]:
    ticket, language = told.ticket, letter.language

    def cite(field: str, value: object) -> str:
        return book.cite("ticket", ticket.ticket_id, field, value)

    lines = []
    if ticket.opened_at:
        lines.append(("written on", cite("opened_at", ticket.opened_at), _day(ticket.opened_at.date(), letter)))
    topic = _TOPIC_OF_THEME.get(told.theme, told.theme)
    about = phrase_book(language).about.get(told.theme, "")
    if about or TOPIC_WORDS.get(told.theme):
        lines.append(("matter", cite("topic", topic), about or TOPIC_WORDS.get(told.theme, topic)))
    if told.theme in ("leaving", "notice"):
        return lines  # That such a message was "closed" is nothing to tell somebody who wants to leave.
    if ticket.closed_at is None:
        lines.append(("state", cite("state", "open"), "still open"))
    else:
        lines.append(("state", cite("state", "closed"), "closed"))
        lines.append(("closed on", cite("closed_at", ticket.closed_at), _day(ticket.closed_at.date(), letter)))
    if number := printable_number(ticket.ticket_id):
        lines.append(("ticket number", cite("ticket_id", ticket.ticket_id), number))
    if told.reading.language == language:
        subject = quotable_subject(ticket.subject, is_praise=told.theme == "praise", language=language)
        if subject:
            lines.append(("subject line", cite("subject", ticket.subject), f"<customer_text>{subject}</customer_text>"))
    return lines


def _contract_lines(letter: Letter, book: FactBook) -> list[tuple[str, str, str]]:
    story, account_id = letter.story, letter.brief.account.account_id
    lines = []
    if story.renewal and story.kind != "leaving":
        fact_id = book.cite("contract", account_id, "renewal_date", story.renewal)
        what = "the current term ends on" if story.kind == "notice" else "renews on"
        lines.append((what, fact_id, _day(story.renewal, letter)))
    if story.since and story.kind != "notice":
        fact_id = book.cite("contract", account_id, "start_date", story.since)
        lines.append(("customer since", fact_id, _day(story.since, letter)))
    if story.seats and story.kind == "review":
        fact_id = book.cite("contract", account_id, "seats", story.seats, unit="seats")
        lines.append(("seats agreed", fact_id, str(story.seats)))
    return lines


def _day(day: object, letter: Letter) -> str:
    return spoken_date(day, letter.language, letter.brief.as_of, letter.brief.account.country)  # type: ignore[arg-type]


def _offer(letter: Letter) -> str:
    story = letter.story
    text = letter.playbook.offers[story.offer].text
    if story.no_calls or story.kind == "notice":
        return text
    return f"{text}, {story.minutes} minutes, {'in the next days' if story.soon else 'next week'}"


def _draft(email: Email, facts: Mapping[str, Fact], letter: Letter, model: str) -> Draft:
    """The mail with its salutation and farewell; a reference that was not given stays one that no fact has."""
    salutation, farewell = letter_frame(letter.brief, letter.story, letter.variant, letter.wishes)
    paragraphs = [[_sentence(note, facts) for note in paragraph.sentences] for paragraph in email.paragraphs]
    said = [kept for paragraph in paragraphs if (kept := [one for one in paragraph if one.text])]
    if said:
        opening = said[0][0]
        said[0][0] = opening.model_copy(update={"text": after_salutation(opening.text, letter.language)})
    blocks = [salutation, *(" ".join(one.text for one in paragraph) for paragraph in said), farewell]
    return Draft(
        subject=email.subject.strip(),
        body="\n\n".join(blocks),
        language=letter.language,
        to_contact_id=letter.brief.recipient.contact_id,
        statements=[one for paragraph in said for one in paragraph],
        written_by=model,
    )


def _sentence(note: SentenceNote, facts: Mapping[str, Fact]) -> Statement:
    ids = [facts[ref].fact_id if ref in facts else f"unknown:{ref[:20]}" for ref in note.facts]
    return Statement(text=note.text.strip(), fact_ids=list(dict.fromkeys(ids)))


def _with_refs(text: str, ref_of: Mapping[str, str]) -> str:
    """The finding with the prompt's references where it names facts."""
    for fact_id, ref in ref_of.items():
        text = text.replace(fact_id, ref)
    return text
