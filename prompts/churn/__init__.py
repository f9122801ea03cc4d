"""The churn workflow's prompts, phrase books and playbook."""
