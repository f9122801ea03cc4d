"""The sample organisation's systems, up and configured as sources: for the demo, `make serve` and tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.sample import Organisation, organisation
from connectors.sample.crm_server import MAX_PAGE_SIZE, crm_app
from connectors.sample.systems import crm_records, write_billing_exports, write_usage_database
from connectors.shim.serving import served
from connectors.source_config import SourceConfig, load_sources

DEMO_CRM_TOKEN = "sample-crm-session"  # noqa: S105 - opens nothing but the sample on the loopback address
SOURCES_FILE = Path(__file__).parent.parent / "sample" / "sources.yaml"


@dataclass(frozen=True)
class DemoSystems:
    """Where the systems stand, and the truth they were made from."""

    crm_url: str
    usage_database: Path
    billing_folder: Path
    organisation: Organisation

    def sources(self, **changed: str) -> tuple[SourceConfig, ...]:
        """The systems as sources; names in capitals change what `sources.yaml` is given."""
        environ = {
            "SAMPLE_CRM_URL": self.crm_url,
            "SAMPLE_CRM_TOKEN": DEMO_CRM_TOKEN,
            "SAMPLE_USAGE_URL": f"sqlite:///{self.usage_database.absolute()}",
            "SAMPLE_BILLING_FOLDER": str(self.billing_folder.absolute()),
            **changed,
        }
        return load_sources(SOURCES_FILE, environ=environ).sources


@contextmanager
def demo_systems(
    folder: Path, as_of: dt.date, *, seed: int = 7, crm_port: int = 0, page_size: int = MAX_PAGE_SIZE
) -> Iterator[DemoSystems]:
    """Write usage and billing into a folder and serve the CRM on a loopback port, for as long as the block lasts."""
    sample = organisation(as_of, seed)
    folder.mkdir(parents=True, exist_ok=True)
    usage_database, billing_folder = folder / "usage.sqlite", folder / "billing"
    write_usage_database(sample, usage_database)
    write_billing_exports(sample, billing_folder)
    app = crm_app(crm_records(sample), token=DEMO_CRM_TOKEN, page_size=page_size)
    with served(app, port=crm_port) as crm_url:
        yield DemoSystems(crm_url, usage_database, billing_folder, sample)
