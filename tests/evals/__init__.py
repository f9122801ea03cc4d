"""Evaluations: cases written by readers who never saw the code, scored by code."""
