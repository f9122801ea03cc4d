"""`make bench`: the tables of the README, in Markdown."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import http_load
from tests.bench.payloads import payload

SIZES = (50, 1_000, 5_000, 20_000)


def main() -> None:
    """Print both tables."""
    print("| accounts | JSON MB | parse s | score s | package s | total s | ms an account | listed | peak MB |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        for size in SIZES:
            file = Path(folder) / f"{size}.json"
            file.write_text(json.dumps(payload(size)))
            done = subprocess.run(
                [sys.executable, "-m", "tests.bench.portfolio", str(file)], check=True, capture_output=True, text=True
            )
            figures = json.loads(done.stdout)
            print(
                f"| {size:,} | {file.stat().st_size / 1e6:.1f} | {figures['parse']:.2f} | {figures['score']:.2f} | {figures['package']:.2f} "
                f"| {figures['total']:.2f} | {figures['total'] * 1000 / size:.2f} | {figures['listed']:.0f} | {figures['peak_mb']:.0f} |",
                flush=True,
            )
            file.unlink()
    print("\n| target, 50 accounts | clients | p50 ms | p99 ms | answers a second |")
    print("|---|---:|---:|---:|---:|")
    for load in http_load.measure():
        print(
            f"| {load.target} | {load.clients} | {load.p50_ms:.0f} | {load.p99_ms:.0f} | {load.per_second:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
