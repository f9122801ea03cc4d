%dw 2.0
// Salesforce queries, database rows and CSV lines, each in a variable, become the body of POST /v1/churn/runs.
// Absent stays absent: an empty cell is never a zero. Days and instants may come as text or as dates.
output application/json skipNullOn = "everywhere", indent = false

fun text(value) = if (value == null or value == "") null else value as String
fun number(value) = if (value == null or value == "") null else value as Number
fun flag(value) = if (value == null or value == "") null else lower(value as String) == "true"
fun plain(name) = lower(name default "") replace /[^a-z0-9]/ with ""
fun domainOf(site) = do {
    var host = (lower(trim(site default "")) replace /^.*@/ with "") replace /^https?:\/\// with ""
    ---
    (host replace /^www\./ with "") replace /\/.*$/ with ""
}

// A key that two accounts share says nothing, and is left out.
fun only(key) =
    (vars.accounts filter ((account) -> !isEmpty(key(account))) groupBy ((account) -> key(account)))
        filterObject ((same) -> sizeOf(same) == 1)
        mapObject ((same, value) -> { (value): same[0].Id })

var known = vars.accounts map ((account) -> account.Id)
var byDomain = only((account) -> domainOf(account.Website))
var byName = only((account) -> plain(account.Name))

// A customer of another system is an account by its CRM id, else by its domain, else by its exact name.
fun accountOf(reference, site, name) =
    if (known contains reference) reference else (byDomain[domainOf(site)] default byName[plain(name)])

var tenantOf = {(vars.tenants map ((tenant) ->
    { (tenant.tenant_slug): accountOf(null, tenant.domain, tenant.tenant_slug) }))}
var customerOf = {(vars.customers map ((customer) ->
    { (customer.customer_id): accountOf(customer.crm_account_id, customer.billing_email, customer.legal_name) }))}

var contacts = vars.contacts groupBy ((row) -> row.AccountId default "")
var tickets = vars.cases groupBy ((row) -> row.AccountId default "")
var activities = vars.tasks groupBy ((row) -> row.AccountId default "")
var usage = vars.usage groupBy ((row) -> tenantOf[row.tenant_slug] default "")
var invoices = vars.invoices groupBy ((row) -> customerOf[row.customer_id] default "")
---
{
    input: {
        question: vars.question,
        as_of: vars.asOf,
        payload: {
            schema_version: "1",
            as_of: vars.asOf,
            sources: [
                { name: "salesforce", kind: "crm", extracted_at: vars.readAt },
                { name: "product-usage", kind: "usage", extracted_at: vars.usageLoadedAt },
                { name: "billing", kind: "billing", extracted_at: vars.billingExportedAt }
            ],
            accounts: vars.accounts map ((account) -> {
                account_id: account.Id,
                name: text(account.Name),
                domain: domainOf(account.Website),
                parent_account_id: text(account.ParentId),
                segment: text(account.Segment__c),
                region: text(account.Region__c),
                country: text(account.BillingCountry),
                industry: text(account.Industry),
                status: text(account.Status__c),
                annual_recurring_revenue: { amount: number(account.ARR__c), currency: text(account.CurrencyIsoCode) },
                // Ids alone will do for persons: leave names and addresses out, and fill them in afterwards.
                owner: { owner_id: text(account.OwnerId) },
                contract: {
                    start_date: text(account.Contract_Start__c),
                    renewal_date: text(account.Renewal_Date__c),
                    term_months: number(account.Contract_Term_Months__c),
                    seats: number(account.Seats__c),
                    auto_renew: flag(account.Auto_Renew__c),
                    notice_days: number(account.Notice_Days__c)
                },
                contacts: (contacts[account.Id] default []) map ((row) -> {
                    contact_id: row.Id,
                    role: text(row.Role__c),
                    language: text(row.Language__c),
                    left_on: text(row.Left_On__c),
                    email_opt_out: flag(row.HasOptedOutOfEmail)
                }),
                usage: (usage[account.Id] default []) map ((row) -> {
                    week_start: text(row.week_start),
                    active_users: number(row.active_users),
                    licensed_seats: number(row.licensed_seats),
                    key_actions: number(row.key_actions),
                    api_calls: number(row.api_calls),
                    features_used: number(row.features_used)
                }),
                tickets: (tickets[account.Id] default []) map ((row) -> {
                    ticket_id: row.Id,
                    opened_at: text(row.CreatedDate),
                    first_response_at: text(row.First_Response_At__c),
                    closed_at: text(row.ClosedDate),
                    priority: text(row.Priority),
                    subject: text(row.Subject),
                    body: text(row.Description)
                }),
                invoices: (invoices[account.Id] default []) map ((row) -> {
                    invoice_id: row.invoice_id,
                    issued_on: text(row.issued_on),
                    due_on: text(row.due_on),
                    paid_on: text(row.paid_on),
                    amount: number(row.amount),
                    currency: text(row.currency),
                    status: text(row.status)
                }),
                activities: (activities[account.Id] default []) map ((row) -> {
                    activity_id: row.Id,
                    kind: lower(row.Type default ""),
                    occurred_at: text(row.CompletedDateTime),
                    contact_id: text(row.WhoId)
                })
            })
        }
    },
    wait_seconds: 8
}
