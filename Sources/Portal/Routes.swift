import Web

/// Every endpoint, once. Dispatch, authentication, limits, body bounds, counting and `/openapi.json` are all read
/// from this table; `purser routes` prints it.
let routes: [Route] = [
    //     method   path                               endpoint                 who may          limit        counted as
    Route(.post, "/auth/register", Register.self, .open, .credential, .none),
    Route(.post, "/auth/login", LogIn.self, .open, .credential, .none),
    Route(.post, "/auth/login/totp", LogInBySecondFactor.self, .open, .credential, .none),
    Route(.post, "/auth/verify", VerifyEmail.self, .open, .credential, .none),
    Route(.post, "/auth/verify/resend", ResendVerification.self, .open, .credential, .none),
    Route(.post, "/auth/password/forgot", ForgotPassword.self, .open, .credential, .none),
    Route(.post, "/auth/password/reset", ResetPassword.self, .open, .credential, .none),
    Route(.post, "/auth/logout", LogOut.self, .session(.own), .write, .account),
    Route(.post, "/auth/validate", ValidateKey.self, .bodyKey(.accountRead), .ingest, .account),
    Route(.get, "/auth/user", ShowUser.self, .key(.accountRead), .read, .account),

    Route(.get, "/auth/oidc/providers", ListIDProviders.self, .open, .read, .none),
    Route(.post, "/auth/oidc/link", LinkIdentity.self, .session(.own), .credential, .account),
    Route(.post, "/auth/oidc/{provider}/start", BeginIDSignIn.self, .open, .credential, .none),
    Route(.get, "/auth/oidc/{provider}/callback", FinishIDSignIn.self, .open, .credential, .none),

    Route(.post, "/billing/check-limits", CheckLimits.self, .bodyKey(.usageRead), .ingest, .usage),
    Route(.post, "/billing/record-usage", RecordUsage.self, .bodyKey(.usageWrite), .ingest, .usage),
    Route(.post, "/billing/log-usage", LogUsage.self, .bodyKey(.usageWrite), .ingest, .usage, body: 256 << 10),
    Route(.post, "/api/v1/usage/authorize", AuthorizeUsage.self, .key(.usageWrite), .ingest, .usage),
    Route(.post, "/api/v1/usage/events", IngestEvents.self, .key(.usageWrite), .ingest, .usage, body: 1 << 20),

    Route(.get, "/analytics/usage", ShowUsage.self, .key(.usageRead), .read, .analytics),
    Route(.get, "/billing/usage/{user_id}", ShowMonthlyUsage.self, .key(.usageRead), .read, .billing),
    Route(.get, "/billing/invoices/{user_id}", ListUserInvoices.self, .key(.billingRead), .read, .billing),
    Route(.get, "/dashboard/invoices", ListInvoices.self, .key(.billingRead), .read, .billing),
    Route(.post, "/billing/create-payment", CreatePayment.self, .key(.billingWrite), .payment, .billing),
    Route(.post, "/support/ticket", OpenTicket.self, .key(.supportWrite), .write, .support),

    Route(.post, "/api/v1/keys/verify", VerifyKey.self, .key(.keysVerify), .ingest, .account),
    Route(.get, "/api/v1/keys", ListKeys.self, .session(.view), .read, .account),
    Route(.post, "/api/v1/keys", CreateKey.self, .session(.develop), .write, .account),
    Route(.get, "/api/v1/keys/{key_id}", ShowKey.self, .session(.view), .read, .account),
    Route(.patch, "/api/v1/keys/{key_id}", ChangeKey.self, .session(.develop), .write, .account),
    Route(.delete, "/api/v1/keys/{key_id}", EndKey.self, .session(.develop), .write, .account),
    Route(.post, "/api/v1/keys/{key_id}/rotate", RotateKey.self, .session(.develop), .write, .account),

    // The developer dashboard, in the words of its two older clients.
    Route(.get, "/api-v2/dashboard/stats", ShowDashboardStats.self, .person(.view), .read, .analytics),
    Route(.get, "/api-v2/dashboard/keys", ListDashboardKeys.self, .person(.view), .read, .account),
    Route(.post, "/api-v2/dashboard/keys", CreateDashboardKey.self, .person(.develop), .write, .account),
    Route(.post, "/api-v2/dashboard/keys/create", CreateDashboardKey.self, .person(.develop), .write, .account),
    Route(.post, "/api-v2/dashboard/keys/revoke", RevokeDashboardKey.self, .person(.develop), .write, .account),
    Route(
        .post,
        "/api-v2/dashboard/keys/{key_id}/revoke",
        RevokeDashboardKey.self,
        .person(.develop),
        .write,
        .account
    ),
    Route(.post, "/api-v2/dashboard/billing/portal", OpenBillingPortal.self, .person(.bill), .payment, .billing),
    Route(.get, "/api/dashboard/stats", ShowDashboardStats.self, .person(.view), .read, .analytics),
    Route(.get, "/api/dashboard/keys", ListDashboardKeys.self, .person(.view), .read, .account),
    Route(.post, "/api/dashboard/keys-create", CreateDashboardKey.self, .person(.develop), .write, .account),
    Route(.delete, "/api/dashboard/keys-delete", RevokeDashboardKey.self, .person(.develop), .write, .account),

    // The same for a signed-in browser.
    Route(.get, "/api/v1/me", ShowUser.self, .session(.own), .read, .account),
    Route(.get, "/api/v1/me/sessions", ListSessions.self, .session(.own), .read, .account),
    Route(.delete, "/api/v1/me/sessions/{id}", EndSession.self, .session(.own), .write, .account),
    Route(.post, "/api/v1/me/sessions/end-others", EndOtherSessions.self, .session(.own), .write, .account),
    Route(.post, "/api/v1/me/account", SwitchAccount.self, .session(.own), .write, .account),
    Route(.post, "/api/v1/me/password", ChangePassword.self, .session(.own), .credential, .account),
    Route(.post, "/api/v1/me/totp", SetUpSecondFactor.self, .session(.own), .credential, .account),
    Route(.post, "/api/v1/me/totp/confirm", ConfirmSecondFactor.self, .session(.own), .credential, .account),
    Route(.post, "/api/v1/me/totp/remove", RemoveSecondFactor.self, .session(.own), .credential, .account),
    Route(.post, "/api/v1/me/totp/recovery-codes", RenewRecoveryCodes.self, .session(.own), .credential, .account),
    Route(.get, "/api/v1/me/usage", ShowUsage.self, .session(.view), .read, .analytics),
    Route(.get, "/api/v1/me/invoices", ListInvoices.self, .session(.view), .read, .billing),
    Route(.post, "/api/v1/me/payments", CreatePayment.self, .session(.bill), .payment, .billing),
    Route(.post, "/api/v1/me/tickets", OpenTicket.self, .session(.own), .write, .support),

    Route(.get, "/api/v1/me/identities", ListIdentities.self, .person(.own), .read, .account),
    Route(.delete, "/api/v1/me/identities/{id}", UnlinkIdentity.self, .session(.own), .write, .account),

    Route(.get, "/api/v1/webhooks", ListWebhooks.self, .session(.view), .read, .account),
    Route(.post, "/api/v1/webhooks", CreateWebhook.self, .session(.develop), .write, .account),
    Route(.get, "/api/v1/webhooks/{id}", ShowWebhook.self, .session(.view), .read, .account),
    Route(.patch, "/api/v1/webhooks/{id}", ChangeWebhook.self, .session(.develop), .write, .account),
    Route(.delete, "/api/v1/webhooks/{id}", DeleteWebhook.self, .session(.develop), .write, .account),
    Route(.post, "/api/v1/webhooks/{id}/rotate-secret", RotateWebhookSecret.self, .session(.develop), .write, .account),
    Route(.post, "/api/v1/webhooks/{id}/test", TestWebhook.self, .session(.develop), .write, .account),
    Route(.get, "/api/v1/webhooks/{id}/deliveries", ListDeliveries.self, .session(.view), .read, .account),
    Route(.post, "/api/v1/webhooks/{id}/replay", ReplayDeliveries.self, .session(.develop), .write, .account),

    Route(.post, "/webhooks/stripe", ReceiveStripeEvent.self, .signed(.stripe), .webhook, .none, body: 1 << 20),
    Route(
        .post,
        "/api/v1/secret-scanning/github",
        ReportLeakedKeys.self,
        .signed(.github),
        .webhook,
        .none,
        body: 1 << 20
    ),
    Route(.post, "/api/webhooks/stripe", ReceiveStripeEvent.self, .signed(.stripe), .webhook, .none, body: 1 << 20),

    Route(.get, "/health", ShowHealth.self, .open, .none, .none),
    Route(.get, "/pricing", ShowPricing.self, .open, .read, .none),
    Route(.get, "/openapi.json", ShowOpenAPI.self, .open, .read, .none),
    Route(.get, "/stats", ShowStats.self, .operatorKey, .read, .account),
    Route(.get, "/api/v1/admin/mails", ListMails.self, .operatorSession, .read, .none),
    Route(.get, "/api/v1/admin/mails/{id}", ShowMail.self, .operatorSession, .read, .none),

    // For shell commands on this machine, through the control socket.
    Route(.post, "/control/seed", SeedStore.self, .shell, .none, .none),
    Route(.post, "/control/backup", BackUpStore.self, .shell, .none, .none),
    Route(.get, "/control/check", CheckStore.self, .shell, .none, .none),
    Route(.get, "/control/schema", ShowSchema.self, .shell, .none, .none),
    Route(.post, "/control/account/plan", ChangePlan.self, .shell, .none, .none),
    Route(.post, "/control/account/credit", GrantCredit.self, .shell, .none, .none),
    Route(.post, "/control/key/revoke", RevokeKey.self, .shell, .none, .none),
    Route(.post, "/control/key/leaked", RevokeLeakedKeys.self, .shell, .none, .none, body: 1 << 20),
    Route(.post, "/control/stripe/setup", SetUpStripe.self, .shell, .none, .none),
]
