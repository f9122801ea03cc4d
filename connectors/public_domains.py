"""Domains that many share: mail providers, networks, places to put a site; they say nothing of a customer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

import yaml

_ENDING = re.compile(r"(?:(?:com?|net|org|ne|or)\.)?[a-z]{2,3}")


@cache
def _listed() -> Mapping[str, frozenset[str]]:
    text = resources.files("connectors").joinpath("public_domains.yaml").read_text(encoding="utf-8")
    return {kind: frozenset(names) for kind, names in yaml.safe_load(text).items()}


@lru_cache(maxsize=65_536)
def is_public(domain: str) -> bool:
    """Whether a domain, in small letters, is none of a customer's own."""
    listed = _listed()
    labels = domain.split(".")
    if labels[-1] in listed["endings"] or domain in listed["hosts"] or domain in listed["placeholders"]:
        return True
    # A provider's name, then nothing but an ending: yahoo.co.uk is public, yahoo.widgets.example is not.
    for place, label in enumerate(labels[:-1]):
        if label in listed["any_ending"] and _ENDING.fullmatch(".".join(labels[place + 1 :])):
            return True
    parents = (".".join(labels[place:]) for place in range(len(labels)))
    return any(parent in listed["mail"] or parent in listed["networks"] for parent in parents)
