from connectors.records import Contact, Owner
from connectors.shim.people import People, contact_key, filled

PEOPLE = People(
    contacts={
        "003": Contact(contact_id="003", first_name="Malte", last_name="Wendt", email="m@a.example", phone="+49 30"),
        "004": Contact(contact_id="004", first_name="[[contact_1.email]]", last_name="Trautwein"),
    },
    owners={"005": Owner(owner_id="005", name="Imogen Ashworth", email="i@v.example")},
)


def row(placeholder: str, field: str, contact_id: str = "", owner_id: str = "") -> dict[str, str]:
    return {"placeholder": placeholder, "field": field, "contact_id": contact_id, "owner_id": owner_id}


def test_filled_puts_persons_into_every_text_of_their_account_and_of_the_summary() -> None:
    report = {
        "summary": "Call [[contact_1.first_name]].",
        "accounts": [
            {
                "draft": {
                    "body": "Hello [[contact_1.first_name]],\n[[owner_1.name]]",
                    "statements": [{"text": "[[contact_1.email]]"}],
                },
                "placeholders": [
                    row("[[contact_1.first_name]]", "first_name", contact_id="003"),
                    row("[[contact_1.email]]", "email", contact_id="003"),
                    row("[[owner_1.name]]", "name", owner_id="005"),
                ],
            }
        ],
    }
    document, unfilled = filled(report, PEOPLE)
    (account,) = document["accounts"]
    assert document["summary"] == "Call Malte."
    assert account["draft"] == {"body": "Hello Malte,\nImogen Ashworth", "statements": [{"text": "m@a.example"}]}
    assert account["placeholders"] == report["accounts"][0]["placeholders"]  # type: ignore[index]
    assert unfilled == []


def test_filled_uses_each_accounts_own_list_first() -> None:
    accounts = [
        {"reasoning": "[[contact_1.last_name]]", "placeholders": [row("[[contact_1.last_name]]", "last_name", key)]}
        for key in ("003", "004")
    ]
    document, _ = filled({"accounts": accounts}, PEOPLE)
    assert [account["reasoning"] for account in document["accounts"]] == ["Wendt", "Trautwein"]


def test_filled_leaves_and_names_what_it_does_not_know() -> None:
    report = {
        "summary": "[[contact_9.email]]",
        "accounts": [{"placeholders": [row("[[contact_9.email]]", "email", "x")]}],
    }
    document, unfilled = filled(report, PEOPLE)
    assert (document["summary"], unfilled) == ("[[contact_9.email]]", ["[[contact_9.email]]"])


def test_filled_never_reads_what_it_has_put_in() -> None:
    rows = [row("[[contact_2.first_name]]", "first_name", "004"), row("[[contact_1.email]]", "email", "003")]
    document, _ = filled({"accounts": [{"reasoning": "[[contact_2.first_name]]", "placeholders": rows}]}, PEOPLE)
    assert document["accounts"][0]["reasoning"] == "[[contact_1.email]]"


def test_value_gives_no_field_but_a_persons_own() -> None:
    assert PEOPLE.value(row("", "__class__", "003")) == ""
    assert PEOPLE.value(row("", "name", "003")) == "Malte Wendt"
    assert People({contact_key("003", "a2"): PEOPLE.contacts["003"]}).value(row("", "name", "a2\x1f003"), "a1") == ""
    assert PEOPLE.value(row("", "first_name", owner_id="005")) == "Imogen"
