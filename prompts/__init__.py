"""Text: prompts and phrase books, one folder a workflow."""
