"""The sample organisation's CRM: the Salesforce stand-in with one fixed token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.applications import Starlette

from connectors.sample.salesforce_server.cursors import MAX_PAGE_SIZE
from connectors.sample.salesforce_server.objects import Record
from connectors.sample.salesforce_server.server import SalesforceServer

__all__ = ["MAX_PAGE_SIZE", "crm_app"]


def crm_app(objects: Mapping[str, Sequence[Record]], *, token: str = "", page_size: int = MAX_PAGE_SIZE) -> Starlette:
    """An application that answers Salesforce's REST queries over the records.

    Args:
        objects: Records by object name.
        token: The bearer token asked for; empty asks for none.
        page_size: Records a page at most; a client may ask for fewer with ``Sforce-Query-Options: batchSize=n``.
    """
    return SalesforceServer(objects, token=token, page_size=page_size).app
