"""What every source gave at its last reading, so that a collapse or a changed shape is seen at the next."""

from __future__ import annotations

import datetime as dt
import json

from sqlalchemy import Engine, delete, insert, select

from app.store.database import now_text
from app.store.tables import source_reads
from connectors.ports import SeenTable


class SqlReadHistory:
    """The last reading by source and record kind; satisfies `connectors.ports.ReadHistory`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def last(self, source: str, kind: str) -> SeenTable | None:
        """The last reading that was kept, or nothing."""
        query = select(source_reads).where(source_reads.c.source == source, source_reads.c.kind == kind)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        most_at = dt.datetime.fromisoformat(row.most_at) if row.most_at else None
        read_at = dt.datetime.fromisoformat(row.read_at)
        return SeenTable(row.rows, tuple(json.loads(row.columns)), read_at, row.most, most_at)

    def keep(self, source: str, kind: str, seen: SeenTable) -> None:
        """Keep this one as the last."""
        with self._engine.begin() as connection:
            connection.execute(delete(source_reads).where(source_reads.c.source == source, source_reads.c.kind == kind))
            connection.execute(
                insert(source_reads).values(
                    source=source,
                    kind=kind,
                    rows=seen.rows,
                    columns=json.dumps(seen.columns),
                    read_at=now_text(seen.read_at),
                    most=seen.most,
                    most_at=now_text(seen.most_at) if seen.most_at else "",
                )
            )
