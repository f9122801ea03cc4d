"""The one door: every question, from whatever side it comes, is a run of this service."""
