"""`baton drafts`: lists and shows what waits for a person."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.bootstrap import open_store
from app.drafts.rows import get_draft, list_drafts
from app.security.principal import LOCAL
from app.settings import load_settings

_ID_WIDTH = 34


def show_list(*, status: str, account_id: str, limit: int, as_json: bool) -> None:
    """Print the newest drafts."""
    engine, _ = open_store(load_settings())
    items, following = list_drafts(engine, LOCAL, status=status, account_id=account_id, limit=limit)
    if as_json:
        print(json.dumps(items, ensure_ascii=False, indent=2))
        return
    if not items:
        print('No drafts yet. Ask a question that wants e-mails: baton ask "… and draft an email for each"')
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("draft", no_wrap=True, min_width=_ID_WIDTH)
    for title in ("account", "subject", "in", "status", "written"):
        table.add_column(title, overflow="fold")
    for item in items:
        cells = (
            item["draft_id"],
            item["account_name"],
            item["subject"],
            item["language"],
            item["status"],
            item["created_at"][:16],
        )
        table.add_row(*(Text(cell) for cell in cells))
    Console().print(table)
    if following:
        print(f"The newest {len(items)} are shown; --limit shows more.")


def show_one(draft_id: str, *, as_json: bool) -> None:
    """Print one draft with its facts and checks."""
    engine, _ = open_store(load_settings())
    item = get_draft(engine, LOCAL, draft_id)
    if as_json:
        print(json.dumps(item, ensure_ascii=False, indent=2))
        return
    console = Console()
    console.print(
        Text(f"{item['account_name']}  {item['status']}  version {item['version']}  {item['draft_id']}", style="bold")
    )
    console.print(Text(f"Subject: {item['subject']}\n\n{item['body']}\n"))
    for fact in _cited(item):
        console.print(Text(f"  {fact['fact_id']} = {fact['value']}", style="dim"))
    failed = [check for check in item["checks"] if not check["passed"]]
    console.print(
        Text(
            f"{len(item['checks']) - len(failed)} checks passed"
            + "".join(f"; failed {c['name']}: {c['detail']}" for c in failed)
        )
    )


def _cited(item: dict[str, Any]) -> list[dict[str, Any]]:
    cited = {fact_id for statement in item["statements"] for fact_id in statement["fact_ids"]}
    return [fact for fact in item["facts"] if fact["fact_id"] in cited]
