%dw 2.0
// The report's drafts with persons in the places of their placeholders; `vars.contacts` and `vars.owners` are rows that
// this application read itself. A placeholder without a value stays, so that nobody sends half a letter unseen.
output application/json
var contacts = vars.contacts groupBy ((row) -> row.Id)
var owners = vars.owners groupBy ((row) -> row.Id)
var columns = { first_name: "FirstName", last_name: "LastName", email: "Email", phone: "Phone", name: "Name" }
fun value(place) = do {
    var row = if (!isEmpty(place.contact_id)) contacts[place.contact_id][0] else owners[place.owner_id][0]
    ---
    row[columns[place.field]]
}
fun filled(letter, places) = places reduce ((place, rest = letter) ->
    if (isEmpty(value(place))) rest else rest replace place.placeholder with value(place))
---
payload.accounts filter ((account) -> !isEmpty(account.draft.draft_id)) map ((account) -> {
    account_id: account.account_id,
    draft_id: account.draft.draft_id,
    digest: account.draft.digest,
    subject: filled(account.draft.subject, account.placeholders),
    body: filled(account.draft.body, account.placeholders)
})
