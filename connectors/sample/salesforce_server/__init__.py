"""A stand-in for a Salesforce organisation: its sign-in and its REST queries, over any records, on loopback."""

from connectors.sample.salesforce_server.server import MAX_PAGE_SIZE, SalesforceServer
from connectors.sample.salesforce_server.sessions import App

__all__ = ["MAX_PAGE_SIZE", "App", "SalesforceServer"]
