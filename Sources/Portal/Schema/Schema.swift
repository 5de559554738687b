import Storage

/// Every change to the database's shape, in order. An entry that has shipped is never edited: start-up compares
/// digests.
///
/// Times are milliseconds since 1970 in UTC, days are days since 1970, months are year × 100 + month. Money is in
/// cents; `*_micros` are millionths of a dollar, for unit prices and what is added up from them.
let migrations: [Migration] = [
    Migration("accounts", accountTables),
    Migration("metering", meteringTables),
    Migration("money", moneyTables),
    Migration("operations", operationTables),
    Migration("people", peopleTables),
    Migration("keys", keyTables),
    Migration("audit", auditTables),
    Migration("alerts", alertTables),
    Migration("mail", mailTables),
    Migration("webhooks", webhookTables),
    Migration("analytics", analyticsTables),
    Migration("plans", planTables),
    Migration("billing", billingTables),
    Migration("payments", paymentTables),
    Migration("reports", reportTables),
    Migration("partners", partnerTables),
    Migration("webhook apps", webhookAppTables),
]
