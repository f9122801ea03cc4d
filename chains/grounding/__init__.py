"""Grounding: a draft says only what cited facts and policy support, checked without a model."""

from chains.grounding.checks import blocked_reason, check_draft, is_blocked
from chains.grounding.digest import draft_digest
from chains.grounding.names import NameIndex
from chains.grounding.policy import DraftAudience, DraftPolicy, audience

__all__ = [
    "DraftAudience",
    "DraftPolicy",
    "NameIndex",
    "audience",
    "blocked_reason",
    "check_draft",
    "draft_digest",
    "is_blocked",
]
