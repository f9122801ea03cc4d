"""The intelligence: one folder a workflow, and what workflows share."""
