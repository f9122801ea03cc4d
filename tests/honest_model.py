"""A model made of a few rules: it reads the prompt it is sent and answers in the form asked for, modestly and truly.

It stands in for a chat model where a test or a benchmark needs good answers in any number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from tests.model_server import Reply, Request

_OPENERS = {
    "English": ("Thank you for your message of {day}.", "About your request", "We would like to hear what your team needs."),
    "German": ("Vielen Dank für Ihre Nachricht vom {day}.", "Zu Ihrer Anfrage", "Wir möchten gern hören, was Ihr Team braucht."),
    "French": ("Merci pour votre message du {day}.", "Votre demande", "Nous aimerions savoir ce dont votre équipe a besoin."),
    "Spanish": ("Gracias por su mensaje del {day}.", "Su solicitud", "Nos gustaría saber qué necesita su equipo."),
}
_PROPOSALS = {
    "English": "Would a call of {minutes} minutes suit you next week?",
    "German": "Passt Ihnen ein Gespräch von {minutes} Minuten in der nächsten Woche?",
    "French": "Un échange de {minutes} minutes la semaine prochaine vous conviendrait-il ?",
    "Spanish": "¿Le vendría bien una llamada de {minutes} minutos la próxima semana?",
}
_PLAIN = {
    "English": "We would like to look with you at how things stand.",
    "German": "Wir möchten gern mit Ihnen darauf schauen, wie es steht.",
    "French": "Nous aimerions faire le point avec vous.",
    "Spanish": "Nos gustaría ver con ustedes cómo están las cosas.",
}


def honest(request: Request) -> Reply:
    """The answer in the form that the request asks for."""
    makers: dict[str, Callable[[str], object]] = {
        "TicketNotes": ticket_notes, "Assessment": assessment, "Email": email,
        "SummaryNote": summary, "QuestionRecords": question_records,
    }  # fmt: skip
    maker = makers.get(request.schema_name)
    asked = str(request.messages[1]["content"])  # In a repair the last message says what was wrong.
    return Reply(json.dumps(maker(asked), ensure_ascii=False) if maker else "{}")


def ticket_notes(prompt: str) -> object:
    """A plain record for every ticket."""
    refs = re.findall(r"(?m)^(t\d+) \(opened", prompt)
    plain = {"language": "en", "topic": "bug", "mood": -0.3, "leaving": "none", "fewer_seats": False, "no_calls": False, "asks": ""}
    return {"tickets": [{"ticket": ref, **plain, "gist": ""} for ref in refs]}


def assessment(prompt: str) -> object:
    """The strongest driver as the explanation, the first play as the step."""
    drivers = re.findall(r"(?m)^(d\d+) \[[^\]]+\] (.*)$", prompt)
    plays = re.findall(r"(?m)^(p\d+) \(", prompt)
    told = " ".join(statement for _, statement in drivers[:2]) or "No single cause stands out."
    return {
        "findings": [{"what": statement, "refs": [ref]} for ref, statement in drivers[:2]] or [{"what": told, "refs": []}],
        "adjustment": 0, "adjustment_because": "", "adjustment_refs": [],
        "explanation": told,
        "steps": [{"play": plays[0], "why": "It answers the strongest cause."}] if plays else [],
    }  # fmt: skip


def email(prompt: str) -> object:
    """A short mail that cites the day of the first ticket, and proposes the offer."""
    language = re.search(r"Language of the mail: (\w+)", prompt)[1]  # type: ignore[index]
    opener, subject, need = _OPENERS[language]
    written = re.search(r"(?m)^(f\d+) written on: (.*)$", prompt)
    minutes = re.search(r", (\d+) minutes", prompt)
    first = {"text": opener.format(day=written[2]), "facts": [written[1]]} if written else {"text": _PLAIN[language], "facts": []}
    last = _PROPOSALS[language].format(minutes=minutes[1]) if minutes else _PLAIN[language]
    return {
        "subject": subject,
        "paragraphs": [{"sentences": [first, {"text": need, "facts": []}]}, {"sentences": [{"text": last, "facts": []}]}],
    }


def summary(prompt: str) -> object:
    """The figures as they were given."""
    figures = prompt.split("Figures of the whole answer:\n", 1)[1].split("\n\n", 1)[0]
    return {"summary": figures.strip()}


def question_records(_prompt: str) -> object:
    """Nothing that the rules did not read."""
    return {"records": [], "intent": "list"}
