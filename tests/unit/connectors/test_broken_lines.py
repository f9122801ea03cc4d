"""A broken line of an export is a finding about what it belongs to; the other lines are read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from connectors.pull import Pulled, pull
from tests.unit.connectors.memory_source import AS_OF, NOW, configured

LINES = [f'{{"id": {number}, "org": "A1"}}' for number in range(300)]


async def pulled(folder: Path, *broken: str) -> Pulled:
    """What comes of accounts and of a help desk with broken lines in its file."""
    (folder / "accounts.csv").write_text("id\nA1\n")
    (folder / "tickets.jsonl").write_text("\n".join([*LINES[:150], *broken, *LINES[150:]]))
    accounts = {"accounts": {"from": "accounts.csv", "fields": {"account_id": "id"}}}
    tickets = {"tickets": {"from": "tickets.jsonl", "account": "org", "fields": {"ticket_id": "id"}}}
    sources = configured(
        folder,
        {"name": "crm", "kind": "crm", "records": accounts},
        {"name": "helpdesk", "kind": "support", "records": tickets},
    )
    return await pull(sources, as_of=AS_OF, clock=lambda: NOW + dt.timedelta(0), timeout_seconds=30)


async def test_a_few_broken_lines_are_told_and_the_help_desk_is_kept(tmp_path: Path) -> None:
    found = await pulled(tmp_path, '{"id": 301, "or', "[]")
    assert len(found.document["accounts"][0]["tickets"]) == 300
    (finding,) = (finding for finding in found.findings if finding.code == "broken_lines")
    assert (finding.severity, finding.scope, finding.count, finding.touches) == ("warning", "helpdesk", 2, "tickets")
    assert "tickets: " in finding.message and "`tickets.jsonl` line 151, `tickets.jsonl` line 152" in finding.message


async def test_many_broken_lines_lose_the_source(tmp_path: Path) -> None:
    found = await pulled(tmp_path, *["{"] * 5)
    assert found.failed == ("helpdesk",)
    assert "`tickets.jsonl` line 151 is not valid JSON" in found.findings[0].message
