"""How good a model is at the steps of the churn workflow, scored by code and never by another model."""
