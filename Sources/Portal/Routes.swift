import Web

/// Every endpoint, once. Dispatch, authentication, limits, body bounds, counting and `/openapi.json` are all read
/// from this table; `purser routes` prints it.
let routes: [Route] = [
    //     method   path                               endpoint                 who may          limit        counted as
    Route(.post, "/auth/register", Register.self, .open, .credential, .none),
    Route(.post, "/auth/login", LogIn.self, .open, .credential, .none),
    Route(.post, "/auth/logout", LogOut.self, .session, .write, .account),
    Route(.post, "/auth/validate", ValidateKey.self, .bodyKey, .ingest, .account),
    Route(.get, "/auth/user", ShowUser.self, .key, .read, .account),

    Route(.post, "/billing/check-limits", CheckLimits.self, .bodyKey, .ingest, .usage),
    Route(.post, "/billing/record-usage", RecordUsage.self, .bodyKey, .ingest, .usage),
    Route(.post, "/billing/log-usage", LogUsage.self, .bodyKey, .ingest, .usage, body: 256 << 10),
    Route(.post, "/api/v1/usage/authorize", AuthorizeUsage.self, .key, .ingest, .usage),
    Route(.post, "/api/v1/usage/events", IngestEvents.self, .key, .ingest, .usage, body: 1 << 20),

    Route(.get, "/analytics/usage", ShowUsage.self, .key, .read, .analytics),
    Route(.get, "/billing/usage/{user_id}", ShowMonthlyUsage.self, .key, .read, .billing),
    Route(.get, "/billing/invoices/{user_id}", ListUserInvoices.self, .key, .read, .billing),
    Route(.get, "/dashboard/invoices", ListInvoices.self, .key, .read, .billing),
    Route(.post, "/billing/create-payment", CreatePayment.self, .key, .payment, .billing),
    Route(.post, "/support/ticket", OpenTicket.self, .key, .write, .support),

    // The same for a signed-in browser.
    Route(.get, "/api/v1/me", ShowUser.self, .session, .read, .account),
    Route(.get, "/api/v1/me/usage", ShowUsage.self, .session, .read, .analytics),
    Route(.get, "/api/v1/me/invoices", ListInvoices.self, .session, .read, .billing),
    Route(.post, "/api/v1/me/payments", CreatePayment.self, .session, .payment, .billing),
    Route(.post, "/api/v1/me/tickets", OpenTicket.self, .session, .write, .support),

    Route(.post, "/webhooks/stripe", ReceiveStripeEvent.self, .signed(.stripe), .webhook, .none, body: 1 << 20),
    Route(.post, "/api/webhooks/stripe", ReceiveStripeEvent.self, .signed(.stripe), .webhook, .none, body: 1 << 20),

    Route(.get, "/health", ShowHealth.self, .open, .none, .none),
    Route(.get, "/pricing", ShowPricing.self, .open, .read, .none),
    Route(.get, "/openapi.json", ShowOpenAPI.self, .open, .read, .none),
    Route(.get, "/stats", ShowStats.self, .operatorKey, .read, .account),

    // For shell commands on this machine, through the control socket.
    Route(.post, "/control/seed", SeedStore.self, .shell, .none, .none),
    Route(.post, "/control/backup", BackUpStore.self, .shell, .none, .none),
    Route(.get, "/control/check", CheckStore.self, .shell, .none, .none),
    Route(.get, "/control/schema", ShowSchema.self, .shell, .none, .none),
    Route(.post, "/control/account/plan", ChangePlan.self, .shell, .none, .none),
    Route(.post, "/control/account/credit", GrantCredit.self, .shell, .none, .none),
    Route(.post, "/control/key/revoke", RevokeKey.self, .shell, .none, .none),
    Route(.post, "/control/stripe/setup", SetUpStripe.self, .shell, .none, .none),
]
