"""Two customers and their people, for the tests of masking."""

from __future__ import annotations

from chains.privacy import Masker
from connectors.records import Account, Contact, Owner

ALPINE = Account(
    account_id="a1",
    name="Alpine Foods GmbH",
    owner=Owner(owner_id="o1", name="Jonas Weber", email="jonas.weber@vendor.example"),
    contacts=[
        Contact(
            contact_id="c1",
            first_name="Anna",
            last_name="Schmidt",
            email="anna.schmidt@alpine.example",
            phone="+49 30 1234567",
        ),
        Contact(contact_id="c2", first_name="Will", last_name="O'Brien", email="will@alpine.example"),
        Contact(contact_id="c3", first_name="伟", last_name="王"),
        Contact(contact_id="c4", first_name="María José", last_name="García López", phone="4711-55"),
        Contact(contact_id="c5", first_name="Jürgen", last_name="Müller"),
    ],
)
OTHER = Account(
    account_id="b1",
    name="Anna Schmidt GmbH",
    owner=Owner(owner_id="o1", name="Jonas Weber", email="jonas.weber@vendor.example"),
    contacts=[
        Contact(
            contact_id="d1",
            first_name="Priya",
            last_name="van der Berg",
            email="priya@other.example",
            phone="+31 231 2582988",
        ),
        Contact(contact_id="d2", first_name="Grace", last_name="Long", email="grace.long@other.example"),
        Contact(contact_id="d3", first_name="Oluwaseun", last_name="Adeyemi"),
    ],
)


def masker() -> Masker:
    return Masker([ALPINE, OTHER], keep=["Claude Studio"])
