"""Persons stay home: placeholders in place of personal values, and what makes text safe to show."""

from chains.privacy.canary import find_persons
from chains.privacy.masker import Masker, fill
from chains.privacy.unsafe import strip_unsafe

__all__ = ["Masker", "fill", "find_persons", "strip_unsafe"]
