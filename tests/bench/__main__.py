"""`make bench`: the tables of the README, in Markdown; names as arguments choose among them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.bench import http_load, models, shim, sources
from tests.bench.payloads import payload

SIZES = (50, 1_000, 5_000, 20_000)


def main(chosen: Sequence[str]) -> int:
    """Print the tables chosen, or all of them; 2 where one is not known."""
    if unknown := [name for name in chosen if name not in TABLES]:
        print(f"no table {', '.join(unknown)}; there are {', '.join(TABLES)}", file=sys.stderr)
        return 2
    for number, name in enumerate(chosen or TABLES):
        if number:
            print()
        for row in TABLES[name]():
            print(row, flush=True)
    return 0


def portfolio_rows() -> Iterator[str]:
    """Portfolios of growing size through the built-in engine, each in a process of its own."""
    yield "| accounts | JSON MB | parse s | score s | package s | total s | ms an account | listed | peak MB |"
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        for size in SIZES:
            file = Path(folder) / f"{size}.json"
            file.write_text(json.dumps(payload(size)))
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.portfolio", str(file)], check=True, capture_output=True, text=True
            )
            figures = json.loads(done.stdout)
            yield (
                f"| {size:,} | {file.stat().st_size / 1e6:.1f} | {figures['parse']:.2f} | {figures['score']:.2f} | {figures['package']:.2f} "
                f"| {figures['total']:.2f} | {figures['total'] * 1000 / size:.2f} | {figures['listed']:.0f} | {figures['peak_mb']:.0f} |"
            )
            file.unlink()


def http_rows() -> Iterator[str]:
    """HTTP answers beside their floors."""
    yield "| target, 50 accounts | clients | p50 ms | p99 ms | answers a second |"
    yield "|---|---:|---:|---:|---:|"
    for load in http_load.measure():
        yield f"| {load.target} | {load.clients} | {load.p50_ms:.0f} | {load.p99_ms:.0f} | {load.per_second:.0f} |"


TABLES: Mapping[str, Callable[[], Iterator[str]]] = {
    "portfolio": portfolio_rows,
    "http": http_rows,
    "models": models.rows,
    "sources": sources.rows,
    "shim": shim.rows,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
