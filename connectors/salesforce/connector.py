"""The plug-in: `connector: salesforce`."""

from __future__ import annotations

from connectors.ports import Connector, Source, SourceContext
from connectors.salesforce.settings import SalesforceSettings


def open_salesforce(settings: SalesforceSettings, context: SourceContext) -> Source:
    """Salesforce, ready to be read; it is signed in with the first reading.

    Raises:
        SourceRefusedError: `ca_file` holds no certificate.
    """
    # Read here, because the client takes a quarter of a second to import.
    from connectors.salesforce.source import SalesforceSource

    return SalesforceSource(settings, context)


CONNECTOR = Connector(name="salesforce", settings=SalesforceSettings, open=open_salesforce)
