"""Writes the mail: the story in the words of one language, every sentence citing what it states."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from chains.churn.email.language import Language, after_salutation, mail_language, spoken_date
from chains.churn.email.parties import EmailBrief, EmailOptions
from chains.churn.email.phrases import PhraseBook, phrase_book, structures, variant_of
from chains.churn.email.quoting import printable_number, quotable_subject
from chains.churn.email.story import Story, tell
from chains.churn.facts import FactBook
from chains.churn.findings import ToldTicket
from chains.churn.next_steps import Playbook, default_playbook
from chains.evidence import Draft, Statement

WRITTEN_BY = "rules"
MOST_WORDS = 175
MOST_WORDS_SHORT = 88
MOST_WORDS_LONG = 178
_LEAD_OF_KIND = {
    "ticket": "report",
    "leaving": "report_leaving",
    "notice": "report_notice",
    "praise": "report_praise",
}
# The subject that the house gives the ticket where the mail names what it wants rather than a topic.
_TOPIC_OF_THEME = {"leaving": "contract", "notice": "contract", "downsizing": "contract"}
_SHORT = [["lead", "regret", "state"], ["proposal", "agenda", "close"]]
_GRAVE = ("leaving", "notice")
# The first closings of every list are those most people use; only the built-in writer needs them all.
_USUAL_CLOSINGS = 3


def write_email(
    brief: EmailBrief,
    facts: FactBook,
    variant: int = 0,
    options: EmailOptions | None = None,
    playbook: Playbook | None = None,
) -> Draft:
    """A mail to the recipient from the account's owner, not yet saved (no id, no digest).

    Story and proposal depend on the brief alone, so a redraft in another language, tone or length keeps both.

    Args:
        brief: What the mail rests on.
        facts: Where the facts it states are cited; only shareable fields are.
        variant: Counts mails of the same story within a run (`tell(...).key` says which are alike), from 0.
        options: The asker's wishes.
        playbook: Which offers exist; the shipped one when not given.
    """
    wishes = options or EmailOptions()
    book = playbook or default_playbook()
    story = tell(brief, {key: offer.minutes for key, offer in book.offers.items()})
    language = mail_language(wishes.language, brief.recipient.language, brief.account.country)
    return _Letter(brief, facts, story, language, phrase_book(language), wishes, variant).draft()


def letter_frame(brief: EmailBrief, story: Story, variant: int, wishes: EmailOptions) -> tuple[str, str]:
    """Salutation and farewell of a mail, whoever writes what stands between them."""
    language = mail_language(wishes.language, brief.recipient.language, brief.account.country)
    letter = _Letter(brief, FactBook({}, str), story, language, phrase_book(language), wishes, variant)
    return letter.salutation(), letter.farewell(variant % _USUAL_CLOSINGS)


@dataclass(frozen=True)
class _Letter:
    """One mail in the making."""

    brief: EmailBrief
    facts: FactBook
    story: Story
    language: Language
    phrases: PhraseBook
    wishes: EmailOptions
    variant: int

    def draft(self) -> Draft:
        paragraphs = self._fitted(self._paragraphs())
        if paragraphs:
            opening = paragraphs[0][0]
            said = after_salutation(opening.text, self.language)
            paragraphs[0][0] = opening.model_copy(update={"text": said})
        blocks = [self.salutation(), *(" ".join(s.text for s in p) for p in paragraphs), self.farewell()]
        return Draft(
            subject=self._subject(),
            body="\n\n".join(blocks),
            language=self.language,
            to_contact_id=self.brief.recipient.contact_id,
            statements=[statement for paragraph in paragraphs for statement in paragraph],
            written_by=WRITTEN_BY,
        )

    def _paragraphs(self) -> list[list[tuple[str, Statement]]]:
        plan = _SHORT if self.wishes.length == "short" else self._structure()
        named = [[(slot, self._sentence(slot)) for slot in paragraph] for paragraph in plan]
        return [[(slot, s) for slot, s in paragraph if s is not None] for paragraph in named]

    def _structure(self) -> list[list[str]]:
        shapes: list[list[list[str]]] = getattr(structures(), self.story.kind)
        shape = shapes[self._variant_of("structure") % len(shapes)]
        skipped = {"care"} if self.wishes.tone == "direct" and self.story.kind not in _GRAVE else set()
        plan = [[slot for slot in paragraph if slot not in skipped] for paragraph in shape]
        if self.wishes.length == "long" and self.story.can_be_long:
            plan[-1].insert(len(plan[-1]) - 1, "thanks")
        return plan

    def _fitted(self, paragraphs: list[list[tuple[str, Statement]]]) -> list[list[Statement]]:
        limit = {"short": MOST_WORDS_SHORT, "long": MOST_WORDS_LONG}.get(self.wishes.length, MOST_WORDS)
        frame = len(self.salutation().split()) + len(self.farewell().split())
        for dropped in ["", *structures().droppable]:
            paragraphs = [[(slot, s) for slot, s in p if slot != dropped] for p in paragraphs]
            if frame + sum(len(s.text.split()) for p in paragraphs for _, s in p) <= limit:
                break
        return [[s for _, s in paragraph] for paragraph in paragraphs if paragraph]

    def _sentence(self, slot: str) -> Statement | None:
        if slot == "lead":
            return self._lead()
        if slot == "state":
            return self._state()
        if slot == "regret":
            return self._plain(slot) if self.story.sorry else None
        if slot == "care":
            return self._care()
        if slot == "second":
            return self._ticket_sentence(slot, "second", self.story.second) if self.story.second else None
        if slot == "renewal":
            return self._renewal("lead")
        if slot in ("since", "thanks"):
            return self._since(slot)
        if slot == "seats":
            return self._seats()
        if slot == "proposal":
            return self._proposal()
        if slot == "agenda":
            return self._agenda()
        return self._plain("close", self._close())

    def _care(self) -> Statement | None:
        if not self.story.care or (self.story.kind == "praise" and self.story.renewal is None):
            return None
        return self._plain("care", self.story.care)

    def _lead(self) -> Statement:
        if self.story.main:
            age = "_old" if self.story.old else ""
            return self._ticket_sentence("lead", f"{_LEAD_OF_KIND[self.story.kind]}{age}", self.story.main)
        return self._renewal("lead") or self._plain("lead", "review_plain")

    def _ticket_sentence(self, slot: str, phrases: str, told: ToldTicket) -> Statement:
        ticket, topic = told.ticket, told.theme
        opened = ticket.opened_at.date() if ticket.opened_at else self.brief.as_of
        fact_ids = [self._cite("ticket", ticket.ticket_id, "opened_at", ticket.opened_at)]
        number, subject = printable_number(ticket.ticket_id), self._quotable(told)
        if number:
            fact_ids.append(self._cite("ticket", ticket.ticket_id, "ticket_id", ticket.ticket_id))
        if subject:
            fact_ids.append(f"ticket:{ticket.ticket_id}:subject")
        # Beside the main subject, a quotation says enough; a topic read wrongly would only stand out.
        about = "" if slot == "second" and subject else self.phrases.about.get(topic, "")
        if about or topic == "notice":
            fact_ids.append(self._cite("ticket", ticket.ticket_id, "topic", _TOPIC_OF_THEME.get(topic, topic)))
        if slot == "second":
            fact_ids.append(self._cite("ticket", ticket.ticket_id, "state", "open"))
        opening, closing = self.phrases.quote
        quotation = f" ({opening}{subject}{closing})" if subject else ""
        text = self._text(slot, phrases).format(date=self._date(opened), about=about, ref=quotation)
        return Statement(text=_tidy(self._numbered(text, number), self.language), fact_ids=fact_ids)

    def _quotable(self, told: ToldTicket) -> str:
        same_language = told.reading.language == self.language
        if not same_language or not self.wishes.quote_subjects or told.theme in _GRAVE:
            return ""
        is_praise = told.theme == "praise"
        if not quotable_subject(told.ticket.subject, is_praise=is_praise, language=self.language):
            return ""
        fact_id = self._cite("ticket", told.ticket.ticket_id, "subject", told.ticket.subject)
        masked = self.facts.get(fact_id).value  # By the fact book.
        return quotable_subject(masked, is_praise=is_praise, language=self.language)

    def _numbered(self, text: str, number: str) -> str:
        """The sentence with the ticket's number at its end, where it holds nobody up."""
        if not number:
            return text
        named = f"{self.phrases.ticket} {number}"
        return f"{text[:-2]}, {named})." if text.endswith(").") else f"{text[:-1]} ({named})."

    def _state(self) -> Statement | None:
        if self.story.main is None:
            return None
        ticket = self.story.main.ticket
        if ticket.closed_at is None:
            fact_id = self._cite("ticket", ticket.ticket_id, "state", "open")
            return Statement(text=self._text("state", "state_open"), fact_ids=[fact_id])
        fact_ids = [
            self._cite("ticket", ticket.ticket_id, "state", "closed"),
            self._cite("ticket", ticket.ticket_id, "closed_at", ticket.closed_at),
        ]
        text = self._text("state", "state_closed").format(closed=self._date(ticket.closed_at.date()))
        return Statement(text=_tidy(text, self.language), fact_ids=fact_ids)

    def _renewal(self, slot: str) -> Statement | None:
        if self.story.renewal is None:
            return None
        fact_id = self._cite("contract", self.brief.account.account_id, "renewal_date", self.story.renewal)
        text = self._text(slot, "review_renewal").format(renewal=self._date(self.story.renewal))
        return Statement(text=_tidy(text, self.language), fact_ids=[fact_id])

    def _since(self, slot: str) -> Statement | None:
        if self.story.since is None:
            return None
        fact_id = self._cite("contract", self.brief.account.account_id, "start_date", self.story.since)
        # Where both may stand, "state" has taken its variant already.
        text = self._text("seats" if slot == "thanks" else "state", "since").format(since=self._date(self.story.since))
        return Statement(text=_tidy(text, self.language), fact_ids=[fact_id])

    def _seats(self) -> Statement | None:
        if self.story.seats is None or self.story.renewal is None:
            return None
        fact_id = self._cite("contract", self.brief.account.account_id, "seats", self.story.seats, unit="seats")
        return Statement(text=self._text("seats", "seats").format(seats=self.story.seats), fact_ids=[fact_id])

    def _proposal(self) -> Statement:
        if self.story.kind == "notice":
            return self._plain("proposal", "proposal_notice")
        if self.story.no_calls:
            a, b = self._points()
            return Statement(text=_tidy(self._text("proposal", "proposal_written").format(a=a, b=b), self.language))
        offer = self.phrases.offers[self.story.offer].format(minutes=self.story.minutes)
        when = self.phrases.when["soon" if self.story.soon else "next_week"]
        text = self._text("proposal", self._toned("proposal")).format(offer=offer, when=when)
        return Statement(text=_tidy(text, self.language))

    def _agenda(self) -> Statement | None:
        if self.story.kind == "notice" or self.story.no_calls:
            return None
        a, b = self._points()
        return Statement(text=_tidy(self._text("agenda", self._toned("agenda")).format(a=a, b=b), self.language))

    def _points(self) -> tuple[str, str]:
        return next(self.phrases.agenda[name] for name in self.story.agenda if name in self.phrases.agenda)

    def _toned(self, slot: str) -> str:
        return slot if self.wishes.tone == "formal" else f"{slot}_{self.wishes.tone}"

    def _plain(self, slot: str, phrases: str = "") -> Statement:
        return Statement(text=_tidy(self._text(slot, phrases or slot), self.language))

    def _close(self) -> str:
        if self.story.no_calls:
            return "close_written"
        return f"close_{self.story.kind}" if self.story.kind in _GRAVE else self._toned("close")

    def _text(self, slot: str, phrases: str) -> str:
        return self.phrases.slots[phrases][self._variant_of(slot)]

    def _variant_of(self, slot: str) -> int:
        return variant_of(slot, self.story.key, self.variant)

    def _subject(self) -> str:
        lines = self.phrases.subject[self.story.kind]
        ticket = self.story.main.ticket if self.story.main else None
        date = self._date(ticket.opened_at.date()) if ticket and ticket.opened_at else ""
        return lines[self.variant % len(lines)].format(date=date)

    def salutation(self) -> str:
        tone = "formal" if self.story.kind in _GRAVE else self.wishes.tone
        forms, recipient = self.phrases.salutation[tone], self.brief.recipient
        if not recipient.first_name and not recipient.last_name:
            return forms["none"]
        text = forms["full"].format(first=recipient.first_name or recipient.last_name, last=recipient.last_name)
        return _tidy(text if recipient.first_name else text.replace(f"{recipient.last_name} ", "", 1), self.language)

    def farewell(self, closing: int | None = None) -> str:
        comma = "," if self.language == "en" else ""
        name = self.brief.sender.name or self.phrases.unsigned
        closings = self.phrases.sign_off[self.wishes.tone]
        chosen = self._variant_of("sign_off") if closing is None else closing
        return f"{closings[chosen]}{comma}\n{name}"

    def _cite(self, kind: str, record_id: str, field_name: str, value: object, unit: str = "") -> str:
        return self.facts.cite(kind, record_id, field_name, value, unit=unit)

    def _date(self, day: dt.date) -> str:
        return spoken_date(day, self.language, self.brief.as_of, self.brief.account.country)


def _tidy(text: str, language: Language) -> str:
    """The text without the gaps that empty parts leave, with French spacing before marks."""
    text = re.sub(r"\s+([.,])", r"\1", " ".join(text.split(" ")))
    text = re.sub(r" {2,}", " ", text)
    text = re.sub(r",([.)])", r"\1", text)
    return re.sub(r" ([?:;»])", "\u00a0\\1", text) if language == "fr" else text
