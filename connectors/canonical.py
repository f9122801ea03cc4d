"""Usual spellings of status, priority, role and invoice state, and the one word each of them means."""

from __future__ import annotations

from collections.abc import Mapping

STATUS: Mapping[str, str] = {
    **dict.fromkeys(("active", "live", "customer", "current", "paying", "renewed", "open"), "active"),
    **dict.fromkeys(
        ("churned", "cancelled", "canceled", "inactive", "lost", "former", "former customer", "closed", "terminated"),
        "churned",
    ),
    **dict.fromkeys(("trial", "evaluation", "poc", "pilot", "free trial", "trialing"), "trial"),
}

PRIORITY: Mapping[str, str] = {
    **dict.fromkeys(("low", "minor", "p4", "p5", "4", "5", "trivial", "niedrig", "basse", "baja"), "low"),
    **dict.fromkeys(("normal", "medium", "moderate", "p3", "3", "standard", "mittel", "moyenne", "media"), "normal"),
    **dict.fromkeys(("high", "major", "p2", "2", "important", "hoch", "haute", "alta"), "high"),
    **dict.fromkeys(
        ("critical", "urgent", "blocker", "p1", "p0", "1", "0", "sev1", "kritisch", "critique"), "critical"
    ),
}

ROLE: Mapping[str, str] = {
    **dict.fromkeys(("champion", "advocate", "sponsor", "internal champion", "key contact", "primary"), "champion"),
    **dict.fromkeys(
        (
            "executive sponsor",
            "executive",
            "decision maker",
            "decision-maker",
            "economic buyer",
            "vp",
            "ceo",
            "cio",
            "cto",
        ),
        "executive_sponsor",
    ),
    **dict.fromkeys(
        ("administrator", "admin", "technical", "technical contact", "it", "system administrator"), "administrator"
    ),
    **dict.fromkeys(("power user", "user", "end user", "key user", "team lead"), "power_user"),
    **dict.fromkeys(
        ("procurement", "purchasing", "billing", "finance", "accounts payable", "billing contact"), "procurement"
    ),
}

INVOICE_STATUS: Mapping[str, str] = {
    **dict.fromkeys(("paid", "settled", "closed", "succeeded"), "paid"),
    **dict.fromkeys(("open", "sent", "unpaid", "due", "issued", "pending", "draft"), "open"),
    **dict.fromkeys(("overdue", "past due", "late", "uncollectible", "delinquent"), "overdue"),
    **dict.fromkeys(("disputed", "dispute", "contested", "chargeback"), "disputed"),
    **dict.fromkeys(("void", "voided", "cancelled", "canceled", "credited", "refunded"), "void"),
}

SEGMENT: Mapping[str, str] = {
    **dict.fromkeys(("enterprise", "ent", "large enterprise"), "Enterprise"),
    **dict.fromkeys(("mid-market", "midmarket", "mid market", "mm"), "Mid-Market"),
    **dict.fromkeys(("smb", "small business", "sme", "small and medium", "small & medium"), "SMB"),
}


def canonical(value: str, words: Mapping[str, str]) -> str:
    """The canonical word for a spelling, or the spelling itself (stripped) when nobody knows it."""
    key = value.strip().casefold().replace("_", " ")
    return words.get(key, value.strip())
