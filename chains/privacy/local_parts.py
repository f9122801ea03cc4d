"""What stands before the @ of a person's e-mail, as a user name in free text; mailboxes of a role are none."""

from __future__ import annotations

import re
from collections.abc import Set
from functools import cache
from typing import NamedTuple

from chains.privacy.folding import WORD, fold
from chains.privacy.lexicon import either_context, ordinary_words, shape_set
from chains.privacy.people import Person, folded_sequences

# What joins the parts of a user name; a blank does not.
JOINT = re.compile(r"[._+'’-]")
_SHORTEST_PIECE, _SHORTEST_PREFIX, _SHORTEST_WORD = 3, 4, 3
_DIGIT_INSIDE = re.compile(r"[^\W\d_]\d+[^\W\d_]")


class LocalPart(NamedTuple):
    """The folded words of a local part; one that `needs_login` is a name only where a user name is expected."""

    tokens: tuple[str, ...]
    needs_login: bool


def local_part(person: Person, company: Set[str]) -> LocalPart | None:
    """The local part of the person's e-mail; None for a role, a company, or what every name already says.

    Args:
        person: The person.
        company: Folded words that are a company's or a product's, and so not a person's.
    """
    local = person.email.partition("@")[0].partition("+")[0].strip()
    tokens = tuple(map(fold, WORD.findall(local)))
    if not tokens or len(tokens) > 4 or _DIGIT_INSIDE.search(local):
        return None
    if _is_plain_name(tokens, person):
        return None
    pieces = _pieces(person)
    if any(_holds(token, pieces) for token in tokens):
        alone = len(tokens) == 1 and tokens[0] in ordinary_words()
        return None if alone or (len(tokens) == 1 and tokens[0] in pieces) else LocalPart(tokens, needs_login=False)
    if any((len(token) > 1 and is_role(token)) or token in company for token in tokens):
        return None
    if any(token in word or word in token for word in company if len(word) > 3 for token in tokens if len(token) > 3):
        return None
    telling = len(tokens) > 1 and "-" not in local and max(map(len, tokens)) >= _SHORTEST_WORD
    return LocalPart(tokens, needs_login=not telling) if sum(map(len, tokens)) > 1 else None


def _is_plain_name(tokens: tuple[str, ...], person: Person) -> bool:
    """Whether it is only the whole name, which is found without its e-mail."""
    given, family = folded_sequences(person.first_name), folded_sequences(person.last_name)
    return any(tokens in (first, last, first + last, last + first) for first in given for last in family)


def holds_name(token: str, person: Person) -> bool:
    """Whether the folded word is made of the person's name, as `darcy` is of D'Arcy and `jmueller` of Müller."""
    return _holds(token, _pieces(person))


def is_role(token: str) -> bool:
    """Whether the folded word stands for a role or a department: support, vertrieb, customersuccess."""
    if _is_role_word(token):
        return True
    cuts = range(_SHORTEST_PIECE, len(token) - _SHORTEST_PIECE + 1)
    return any(_is_role_word(token[:cut]) and _is_role_word(token[cut:]) for cut in cuts)


def expects_login(before: str) -> bool:
    """Whether a user name comes next."""
    return _login().search(before) is not None


def _is_role_word(word: str) -> bool:
    return word in ordinary_words() or word in shape_set("mailbox_roles")


def _pieces(person: Person) -> set[str]:
    """Folded names of three letters and more, each word and each name written in one."""
    found: set[str] = set()
    for sequence in (*folded_sequences(person.first_name), *folded_sequences(person.last_name)):
        found.update(sequence, ("".join(sequence),))
    return {piece for piece in found if len(piece) >= _SHORTEST_PIECE and piece not in shape_set("particles")}


def _holds(token: str, pieces: Set[str]) -> bool:
    if token in pieces:
        return True
    long = len(token) >= _SHORTEST_PREFIX
    held = len(token) >= _SHORTEST_PIECE and any(
        token.startswith(piece)
        or token.endswith(piece)
        or (long and piece.startswith(token))
        or (len(piece) >= _SHORTEST_PREFIX and piece in token)
        for piece in pieces
    )
    return held and not is_role(token)


@cache
def _login() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){either_context('logins')}[ ]?(?:[:=]|is|ist|est|es)?[ ]?[\"'“„«(`]?$")
