"""The churn workflow: who may leave, why, and what to do about it."""
