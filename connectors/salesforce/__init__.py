"""Salesforce as a source: REST queries over the maintained client, signed in as an integration user."""
