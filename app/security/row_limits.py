"""Under which row-level limits something was made, and who may see it now."""

from __future__ import annotations

import json

from app.security.principal import Principal


def limits_text(principal: Principal) -> str:
    """The caller's limits as the store keeps them; "" where there are none."""
    limits = {"regions": _folded(principal.regions), "segments": _folded(principal.segments)}
    return json.dumps(limits, ensure_ascii=False) if any(limits.values()) else ""


def sees(principal: Principal, limits: str) -> bool:
    """Whether the caller's present limits cover all that was made under these; without limits all is seen."""
    made = json.loads(limits) if limits else {"regions": [], "segments": []}
    return _covers(principal.regions, made["regions"]) and _covers(principal.segments, made["segments"])


def _covers(allowed: tuple[str, ...], made: list[str]) -> bool:
    return not allowed or (bool(made) and set(made) <= set(_folded(allowed)))


def _folded(words: tuple[str, ...]) -> list[str]:
    return sorted({word.casefold() for word in words})
