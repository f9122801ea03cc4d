"""Schemathesis over every `/v1` route of the real service, with sign-in: `python -m tests.fuzz [--examples N]`."""
