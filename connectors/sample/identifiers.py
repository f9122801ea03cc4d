"""Record ids that look and check like Salesforce's."""

from __future__ import annotations

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SPREAD = 3**18
_SPACE = len(_DIGITS) ** 5

ACCOUNT, CONTACT, CASE, TASK, USER, SURVEY = "001", "003", "500", "00T", "005", "a0B"


def salesforce_id(prefix: str, number: int) -> str:
    """The 18-character id of the object with that key prefix and running number.

    Source:
        Salesforce: 15 case-sensitive characters, and 3 more that encode which of them are capitals.
    """
    rest = number * _SPREAD % _SPACE
    tail = ""
    for _ in range(5):
        rest, digit = divmod(rest, len(_DIGITS))
        tail += _DIGITS[digit]
    short = f"{prefix}5f00000{tail}"
    return short + "".join(_case_check(short[start : start + 5]) for start in (0, 5, 10))


def _case_check(chunk: str) -> str:
    return _CHECK[sum(1 << place for place, letter in enumerate(chunk) if "A" <= letter <= "Z")]
