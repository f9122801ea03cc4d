"""Drafts as rows: what was written, for whom, and where it stands."""
