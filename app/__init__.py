"""The service: HTTP, runs, drafts, store, dashboard, command line."""
