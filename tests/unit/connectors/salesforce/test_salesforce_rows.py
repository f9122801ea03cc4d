from connectors.salesforce.rows import shape_of, to_row

RECORD = {
    "attributes": {"type": "Account", "url": "/services/data/v61.0/sobjects/Account/001"},
    "Id": "001",
    "Name": "Alpine",
    "Owner": {"attributes": {"type": "User"}, "Email": "a@vendor.example"},
    "BillingAddress": {"city": "Bern"},
}


def test_row_loses_the_attributes_at_every_level() -> None:
    assert to_row(RECORD, shape_of(("Id", "Name", "Owner.Email"))) == {
        "Id": "001",
        "Name": "Alpine",
        "Owner": {"Email": "a@vendor.example"},
        "BillingAddress": {"city": "Bern"},
    }


def test_row_has_every_column_even_when_the_record_has_not() -> None:
    row = to_row({"Id": "001", "Owner": None}, shape_of(("Id", "Segment__c", "Owner.Email", "Parent.Owner.Name")))
    assert row == {"Id": "001", "Segment__c": None, "Owner": None, "Parent": None}
    assert to_row({"Owner": {}}, shape_of(("Owner.Email",))) == {"Owner": {"Email": None}}


def test_row_spells_names_as_the_mapping_does() -> None:
    assert to_row(RECORD, shape_of(("ID", "owner.EMAIL"))) == {
        "ID": "001",
        "Name": "Alpine",
        "owner": {"EMAIL": "a@vendor.example"},
        "BillingAddress": {"city": "Bern"},
    }
