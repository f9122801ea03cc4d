"""The sample organisation's three systems, up and ready for the shim: for the demo, `make serve` and tests."""

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
from connectors.shim.settings import ShimSettings

DEMO_CRM_TOKEN = "sample-crm-session"  # noqa: S105 - opens nothing but the sample on the loopback address


@dataclass(frozen=True)
class DemoSystems:
    """Where the three systems stand, and the truth they were made from."""

    crm_url: str
    usage_database: Path
    billing_folder: Path
    organisation: Organisation

    def shim_settings(self, service_url: str) -> ShimSettings:
        """Settings of a shim between these systems and a service."""
        return ShimSettings(
            service_url=service_url,
            crm_url=self.crm_url,
            crm_token=DEMO_CRM_TOKEN,
            usage_database=self.usage_database,
            billing_folder=self.billing_folder,
        )


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
