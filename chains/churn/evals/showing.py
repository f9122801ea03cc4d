"""Lays out for a person what a watched run sent, got back and cost, and two engines' work on one account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd
from markupsafe import Markup, escape

from chains.churn.evals.scores import STEPS
from chains.churn.evals.watching import Log, RecordedRun, digest_of
from chains.churn.model.reading import TicketNotes
from chains.churn.schema import AccountRisk
from chains.churn.tickets import read_ticket
from chains.evidence import Fact
from chains.models import AnswerForm, ModelGateway, Question, Reply, Route
from chains.models.run import Attempt
from chains.models.structured import parse_answer
from chains.models.wire import Wire

FormT = TypeVar("FormT", bound=AnswerForm)
_MILLION = 1_000_000
_INPUT_COLOUR, _OUTPUT_COLOUR = "#6b6fb5", "#d9a21b"
_COLUMN = Markup(
    '<div style="flex:1;min-width:300px;padding:10px 14px;background:#f6f7f9;color:#1d2430;border-radius:8px">'
    '<div style="color:#667080;font-size:12px">{title}</div><b>{subject}</b>'
    '<div style="white-space:pre-wrap;margin:8px 0">{body}</div>'
    '<div style="color:#4a5361;font-size:12px;overflow-wrap:anywhere">{facts}</div></div>'
)
_CITING = Markup('<span style="background:#e3e8f7">{text}</span><sup>{numbers}</sup>')
_FACT = Markup("<div>{number} {source} {record_id}: {field} = {value}</div>")


class ShownRun(RecordedRun):
    """A recorded run that keeps its questions, by step and digest as its log names them.

    With no recording and `asks_on` it is a live run that keeps them.
    """

    def __init__(
        self, gateway: ModelGateway, answers: Mapping[tuple[str, str, int], str], *, asks_on: bool = False
    ) -> None:
        super().__init__(gateway, answers, asks_on=asks_on)
        self.questions: dict[tuple[str, str], Question[Any]] = {}

    async def ask(self, question: Question[FormT], attempts: Sequence[Attempt] = ()) -> Reply[FormT]:
        """The answer; the question is kept whether or not there is one."""
        self.questions.setdefault((question.step, digest_of(question)), question)
        return await super().ask(question, attempts)


def prompt_text(question: Question[Any]) -> str:
    """The user text of a question as it leaves the house: persons as placeholders, numbered from 1."""
    return Wire().send(question.prompt.user(question.inputs))


def readings_frame(question: Question[TicketNotes], answer: str) -> pd.DataFrame:
    """Both readers on the tickets that a model was shown, a row each in the order shown.

    The built-in reader is given the same masked text as the model, which is cut where a ticket is very long. It says
    leaving as a figure in [0, 1] where the model says a word, and makes no gist.
    """
    notes = {note.ticket: note for note in parse_answer(answer, question.form).tickets}
    rows = []
    for ticket in question.inputs["tickets"]:
        built_in, note = read_ticket(ticket["subject"], ticket["body"]), notes.get(ticket["ref"])
        rows.append(
            {
                ("ticket", "opened"): ticket["opened"],
                ("ticket", "subject"): ticket["subject"],
                ("built-in", "topic"): built_in.topic,
                ("built-in", "mood"): round(built_in.sentiment, 1),
                ("built-in", "leaving"): round(built_in.leave_intent, 2),
                ("model", "topic"): note.topic if note else "",
                ("model", "mood"): note.mood if note else None,
                ("model", "leaving"): note.leaving if note else "",
                ("model", "gist"): note.gist if note else "",
                ("model", "asks"): note.asks if note else "",
            }
        )
    return pd.DataFrame(rows).set_axis(pd.MultiIndex.from_tuples(rows[0]), axis=1) if rows else pd.DataFrame()


def mails_html(accounts: Mapping[str, AccountRisk]) -> str:
    """The drafts side by side under these titles, each sentence that cites facts marked and numbered; all escaped."""
    columns = Markup().join(_mail(title, account) for title, account in accounts.items())
    return Markup('<div style="display:flex;flex-wrap:wrap;gap:14px;font-size:14px">{}</div>').format(columns)


def _mail(title: str, account: AccountRisk) -> Markup:
    draft, numbers, parts, at = account.draft, dict[str, int](), [], 0
    for statement in draft.statements:
        start = draft.body.find(statement.text, at)
        if start < 0 or not statement.fact_ids:
            continue
        cited = [str(numbers.setdefault(fact_id, len(numbers) + 1)) for fact_id in statement.fact_ids]
        parts += [escape(draft.body[at:start]), _CITING.format(text=statement.text, numbers=" ".join(cited))]
        at = start + len(statement.text)
    body = Markup().join([*parts, escape(draft.body[at:])])
    facts = {fact.fact_id: fact for fact in account.facts}
    listed = Markup().join(_fact(number, fact_id, facts) for fact_id, number in numbers.items())
    return _COLUMN.format(title=title, subject=draft.subject, body=body, facts=listed)


def _fact(number: int, fact_id: str, facts: Mapping[str, Fact]) -> Markup:
    fact = facts.get(fact_id)
    if fact is None:
        return Markup("<div>{} {}: not a fact of this account</div>").format(number, fact_id)
    return _FACT.format(
        number=number,
        source=fact.source,
        record_id=fact.record_id,
        field=fact.field.replace("_", " "),
        value=f"{fact.value} {fact.unit}".strip(),
    )


def cost_by_step(log: Log, route: Route) -> pd.DataFrame:
    """Calls, repairs among them, tokens and dollars of each step at the route's prices, in the order of a run.

    Recorded answers count a token for every four characters; of a fresh answer that misses its form none are known.
    """
    asked = pd.DataFrame(
        [(one.step, one.attempt > 0, one.input_tokens, one.output_tokens) for one in log.asked if one.text],
        columns=["step", "repair", "input_tokens", "output_tokens"],
    )
    steps = [step for step in STEPS if step in set(asked["step"])]
    found = (
        asked.groupby("step")
        .agg(
            calls=("repair", "size"),
            repairs=("repair", "sum"),
            input_tokens=("input_tokens", "sum"),
            output_tokens=("output_tokens", "sum"),
        )
        .loc[steps]
    )
    dollars = (found["input_tokens"] * route.input_usd + found["output_tokens"] * route.output_usd) / _MILLION
    return found.assign(cost_usd=dollars)


def token_chart(costs: pd.DataFrame, *, width: int = 520) -> str:
    """SVG of the tokens of each step as `cost_by_step` gives them, what was sent beside what came back; "" for none."""
    if costs.empty:
        return ""
    import vl_convert

    kinds = {"sent": _INPUT_COLOUR, "answered": _OUTPUT_COLOUR}
    values = [
        {"step": str(step).replace("_", " "), "kind": kind, "tokens": int(tokens), "order": order}
        for step, row in costs.iterrows()
        for order, (kind, tokens) in enumerate(zip(kinds, (row["input_tokens"], row["output_tokens"]), strict=True))
    ]
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "data": {"values": values},
        "mark": "bar",
        "encoding": {
            "x": {"field": "tokens", "type": "quantitative", "title": "Tokens"},
            "y": {"field": "step", "type": "nominal", "sort": None, "title": None},
            "order": {"field": "order"},
            "color": {
                "field": "kind",
                "type": "nominal",
                "title": None,
                "scale": {"domain": list(kinds), "range": list(kinds.values())},
            },
        },
        "config": {"font": "system-ui, sans-serif"},
    }
    svg: str = vl_convert.vegalite_to_svg(vl_spec=spec)
    return svg
