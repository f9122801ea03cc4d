"""Contacts at the customers, and the vendor's own account owners."""

from __future__ import annotations

import random

from connectors.records import Contact, Owner
from connectors.sample.identifiers import CONTACT, USER, salesforce_id
from connectors.sample.tables import Place, in_ascii, table

_ROLES = {
    "Enterprise": ("champion", "executive_sponsor", "administrator", "power_user", "procurement", "power_user"),
    "Mid-Market": ("champion", "executive_sponsor", "administrator", "power_user"),
    "SMB": ("champion", "administrator"),
}
_FEWEST = {"Enterprise": 4, "Mid-Market": 2, "SMB": 1}
_OWNER_CULTURES = {
    "EMEA": ("british", "german", "french", "spanish", "nordic", "dutch"),
    "AMER": ("american", "american", "american", "spanish", "portuguese"),
    "APAC": ("british", "indian", "japanese"),
}


def contacts_of(index: int, segment: str, place: Place, domain: str, rng: random.Random) -> list[Contact]:
    """The people known at one customer, the champion first."""
    names = table("people")[place.culture]
    count = rng.randint(_FEWEST[segment], len(_ROLES[segment]))
    pairs = zip(rng.sample(names["first"], count), rng.sample(names["last"], count), strict=True)
    return [
        Contact(
            contact_id=salesforce_id(CONTACT, index * 8 + number),
            first_name=first,
            last_name=last,
            email=f"{in_ascii(first)}.{in_ascii(last)}@{domain}",
            phone="".join(str(rng.randint(0, 9)) if sign == "#" else sign for sign in place.phone),
            role=role,
            language=place.language,
            email_opt_out=role == "power_user" and rng.random() < 0.1,
        )
        for number, (role, (first, last)) in enumerate(zip(_ROLES[segment], pairs, strict=False))
    ]


def owners(rng: random.Random) -> dict[str, list[Owner]]:
    """The vendor's account owners by region."""
    people = table("people")
    staff: dict[str, list[Owner]] = {}
    taken: set[str] = set()
    for region, cultures in _OWNER_CULTURES.items():
        for culture in cultures:
            family = rng.choice([name for name in people[culture]["last"] if name not in taken])
            taken.add(family)
            first = rng.choice(people[culture]["first"])
            owner = Owner(
                owner_id=salesforce_id(USER, len(taken)),
                name=f"{first} {family}",
                email=f"{in_ascii(first)}.{in_ascii(family)}@vendor.example",
            )
            staff.setdefault(region, []).append(owner)
    return staff
