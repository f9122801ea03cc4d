"""Usual spellings of status, priority, role and the like, and the one word each of them means.

The spellings are in small letters with single spaces: capitals, hyphens and underscores make no difference.
"""

from __future__ import annotations

from collections.abc import Mapping

STATUS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "active", "live", "customer", "client", "current", "paying", "subscribed", "renewed", "open", "won",
            "closed won", "existing customer", "customer direct", "customer channel", "onboarding", "healthy",
            "at risk", "past due", "aktiv", "kunde", "bestandskunde", "actif", "activo", "cliente",
        ),
        "active",
    ),
    **dict.fromkeys(
        (
            "churn", "churned", "cancelled", "canceled", "inactive", "lost", "lost customer", "closed", "closed lost",
            "former", "former customer", "former client", "ex customer", "terminated", "ended", "expired",
            "off boarded", "offboarded", "deactivated", "not renewed", "non renewed", "inaktiv", "gekündigt",
            "verloren", "ehemalig", "inactif", "perdu", "résilié", "inactivo", "perdido",
        ),
        "churned",
    ),
    # Who may become a customer is treated like one on trial: not scored, and not written to. "Suspended" and "paused"
    # are missing on purpose: some who are still bound by contract are meant, and some who are gone.
    **dict.fromkeys(
        (
            "trial", "trialing", "trialling", "free trial", "trial period", "evaluation", "poc", "pilot", "prospect",
            "prospective customer", "lead", "marketing qualified lead", "sales qualified lead", "opportunity",
            "interessent", "prospecto",
        ),
        "trial",
    ),
}  # fmt: skip

_GRADES: Mapping[str, str] = {
    "0": "critical", "1": "critical", "2": "high", "3": "normal", "4": "low", "5": "low",
}  # fmt: skip
PRIORITY: Mapping[str, str] = {
    **dict.fromkeys(
        ("low", "lowest", "very low", "minor", "trivial", "4 low", "5 planning", "niedrig", "basse", "faible", "baja"),
        "low",
    ),
    **dict.fromkeys(
        ("normal", "medium", "moderate", "standard", "3 moderate", "3 medium", "mittel", "moyenne", "media"), "normal"
    ),
    **dict.fromkeys(("high", "major", "important", "2 high", "hoch", "haute", "élevée", "alta"), "high"),
    **dict.fromkeys(
        (
            "critical", "urgent", "blocker", "blocking", "show stopper", "showstopper", "emergency", "highest",
            "very high", "immediate", "1 critical", "kritisch", "dringend", "sehr hoch", "critique", "urgente",
            "crítica",
        ),
        "critical",
    ),
    **{
        f"{sign}{grade}": word
        for sign in ("", "p", "p ", "prio ", "priority ", "s", "sev", "sev ", "severity ")
        for grade, word in _GRADES.items()
    },
}  # fmt: skip

ROLE: Mapping[str, str] = {
    **dict.fromkeys(("champion", "advocate", "sponsor", "internal champion", "key contact", "primary"), "champion"),
    **dict.fromkeys(
        (
            "executive sponsor",
            "executive",
            "decision maker",
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
    **dict.fromkeys(("mid market", "midmarket", "mm"), "Mid-Market"),
    **dict.fromkeys(("smb", "small business", "sme", "small and medium", "small & medium"), "SMB"),
}


SURVEY_KIND: Mapping[str, str] = {
    **dict.fromkeys(("nps", "net promoter score"), "nps"),
    **dict.fromkeys(("csat", "customer satisfaction", "customer satisfaction score"), "csat"),
    **dict.fromkeys(("ces", "customer effort", "customer effort score"), "ces"),
}

_SPACES = str.maketrans("_-", "  ")


def canonical(value: str, words: Mapping[str, str]) -> str:
    """The canonical word for a spelling, or the spelling itself (stripped) when nobody knows it."""
    key = " ".join(value.casefold().translate(_SPACES).split())
    return words.get(key, value.strip())
