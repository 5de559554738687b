import Web

/// The partner program's endpoints (contract, section 2), as ``routes`` has them.
let partnerRoutes: [Route] = [
    //     method   path                               endpoint                 who may          limit        counted as
    // Webhooks.
    Route(.get, "/api/partner/webhooks", ListPartnerWebhooks.self, .person(.view), .read, .webhooks),
    Route(.post, "/api/partner/webhooks", CreatePartnerWebhook.self, .person(.develop), .write, .webhooks),
    Route(.patch, "/api/partner/webhooks/{id}", ChangePartnerWebhook.self, .person(.develop), .write, .webhooks),
    Route(.delete, "/api/partner/webhooks/{id}", DeletePartnerWebhook.self, .person(.develop), .write, .webhooks),
    Route(.post, "/api/partner/webhooks/{id}/test", TestPartnerWebhook.self, .person(.develop), .write, .webhooks),
    Route(.post, "/api/partner/webhooks/send-test", SendPartnerTest.self, .person(.develop), .write, .webhooks),
    Route(.get, "/api/partner/webhook-deliveries", ListPartnerDeliveries.self, .person(.view), .read, .webhooks),

    // Apps and campaigns.
    Route(.get, "/api/partner/apps", ListApps.self, .person(.view), .read, .account),
    Route(.post, "/api/partner/apps", CreateApp.self, .person(.develop), .write, .account),
    Route(.get, "/api/partner/apps/{id}", ShowApp.self, .person(.view), .read, .account),
    Route(.patch, "/api/partner/apps/{id}", ChangeApp.self, .person(.develop), .write, .account),
    Route(.delete, "/api/partner/apps/{id}", DeleteApp.self, .person(.develop), .write, .account),
    Route(.post, "/api/partner/apps/{id}/rotate-key", RotateAppKey.self, .person(.develop), .write, .account),
    Route(.post, "/api/partner/apps/{id}/regenerate-key", RotateAppKey.self, .person(.develop), .write, .account),
    Route(.get, "/api/partner/campaigns", ListCampaigns.self, .person(.view), .read, .account),
    Route(.post, "/api/partner/campaigns", CreateCampaign.self, .person(.develop), .write, .account),
    Route(.get, "/api/partner/campaigns/{id}", ShowCampaign.self, .person(.view), .read, .account),
    Route(.patch, "/api/partner/campaigns/{id}", ChangeCampaign.self, .person(.develop), .write, .account),
    Route(.delete, "/api/partner/campaigns/{id}", DeleteCampaign.self, .person(.develop), .write, .account),

    // Signing up and in, as Auth.js' clients do it.
    Route(.post, "/api/auth/signup", SignUpPartner.self, .open, .credential, .none),
    Route(.post, "/api/auth/check-verification", CheckVerification.self, .open, .credential, .none),
    Route(.get, "/api/auth/providers", ListAuthProviders.self, .open, .read, .none),
    Route(.get, "/api/auth/csrf", ShowFormToken.self, .visitor, .read, .none),
    Route(.post, "/api/auth/callback/credentials", SignInByForm.self, .visitor, .credential, .none),
    Route(.get, "/api/auth/session", ShowAuthSession.self, .visitor, .read, .none),
    Route(.post, "/api/auth/signout", SignOutByForm.self, .visitor, .write, .none),
    // The people of an account, what they are told, and what they pay.
    Route(.get, "/api/partner/team", ListTeam.self, .person(.view), .read, .account),
    Route(.post, "/api/partner/team/invite", InviteToTeam.self, .person(.manage), .write, .account),
    Route(.post, "/api/partner/team/accept", JoinTeam.self, .person(.own), .write, .account),
    Route(.delete, "/api/partner/team", RemoveFromTeam.self, .person(.manage), .write, .account),
    Route(.delete, "/api/partner/team/{id}", RemoveFromTeam.self, .person(.manage), .write, .account),
    Route(.get, "/api/partner/notifications", ListNotifications.self, .person(.view), .read, .account),
    Route(.patch, "/api/partner/notifications/{id}", ReadNotification.self, .person(.own), .write, .account),
    Route(.post, "/api/partner/notifications/read-all", ReadAllNotifications.self, .person(.own), .write, .account),
    Route(.get, "/api/partner/onboarding-status", ShowOnboarding.self, .person(.view), .read, .account),
    Route(.post, "/api/partner/complete-onboarding", CompleteOnboarding.self, .person(.develop), .write, .account),
    Route(.get, "/api/partner/billing", ShowPartnerBilling.self, .person(.view), .read, .billing),
    Route(.get, "/api/partner/pricing-plans", ListPartnerPlans.self, .person(.view), .read, .billing),
    Route(.post, "/api/partner/subscription/upgrade", UpgradePartnerPlan.self, .person(.bill), .payment, .billing),

    // For operators.
    Route(.get, "/api/admin/stats", ShowProgram.self, .operatorSession, .read, .none),
    Route(.get, "/api/admin/billing", ShowProgramBilling.self, .operatorSession, .read, .none),
    Route(.get, "/api/admin/usage", ShowProgramUsage.self, .operatorSession, .read, .none),
    Route(.get, "/api/admin/apps", ListSupervisedApps.self, .operatorSession, .read, .none),
    Route(.patch, "/api/admin/apps", SuperviseApp.self, .operatorSession, .write, .none),
    Route(.get, "/api/admin/pricing-plans", ListAllPartnerPlans.self, .operatorSession, .read, .none),
    Route(.post, "/api/admin/pricing-plans", CreatePartnerPlan.self, .operatorSession, .write, .none),
    Route(.patch, "/api/admin/pricing-plans/{id}", ChangePartnerPlan.self, .operatorSession, .write, .none),
    Route(.put, "/api/admin/pricing-plans/{id}", ChangePartnerPlan.self, .operatorSession, .write, .none),
    Route(.delete, "/api/admin/pricing-plans/{id}", ArchivePartnerPlan.self, .operatorSession, .write, .none),
    // What campaigns brought, and what apps called.
    Route(.get, "/api/partner/dashboard-stats", ShowPartnerDashboard.self, .person(.view), .read, .analytics),
    Route(.get, "/api/partner/usage-stats", ShowPartnerUsage.self, .person(.view), .read, .analytics),
    Route(.get, "/api/partner/usage-stats/activity", ListPartnerActivity.self, .person(.view), .read, .analytics),
    Route(.get, "/api/partner/analytics", ShowPartnerAnalytics.self, .person(.view), .read, .analytics),
    Route(.get, "/api/partner/metrics", ShowPartnerMetrics.self, .person(.view), .read, .analytics),
    Route(.get, "/api/partner/active-campaigns", ListActiveCampaigns.self, .person(.view), .read, .analytics),
    Route(.get, "/api/v1/stats", ShowAppStats.self, .appKey(.referralsRead), .read, .analytics),
    Route(.get, "/v1/stats", ShowAppStats.self, .appKey(.referralsRead), .read, .analytics),

    // Referrals, clicks, conversions and rewards, for apps by two names each, and the links.
    Route(.get, "/r/{code}", FollowReferral.self, .open, .write, .none),
    Route(.post, "/api/v1/referrals", CreateReferral.self, .appKey(.referralsWrite), .ingest, .referrals),
    Route(.post, "/v1/referrals", CreateReferral.self, .appKey(.referralsWrite), .ingest, .referrals),
    Route(.post, "/api/v1/clicks", RecordClick.self, .appKey(.referralsWrite), .ingest, .referrals),
    Route(.post, "/v1/clicks", RecordClick.self, .appKey(.referralsWrite), .ingest, .referrals),
    Route(.post, "/api/v1/referrals/{code}/click", RecordClick.self, .appKey(.referralsWrite), .ingest, .referrals),
    Route(.post, "/v1/referrals/{code}/click", RecordClick.self, .appKey(.referralsWrite), .ingest, .referrals),
    Route(.post, "/api/v1/conversions", RecordConversion.self, .appKey(.referralsWrite), .ingest, .referrals),
    Route(.post, "/v1/conversions", RecordConversion.self, .appKey(.referralsWrite), .ingest, .referrals),
    Route(
        .post,
        "/api/v1/referrals/{code}/convert",
        ConvertReferral.self,
        .appKey(.referralsWrite),
        .ingest,
        .referrals
    ),
    Route(.post, "/v1/referrals/{code}/convert", ConvertReferral.self, .appKey(.referralsWrite), .ingest, .referrals),
    Route(
        .post,
        "/api/v1/conversions/{id}/refund",
        RefundConversion.self,
        .appKey(.referralsWrite),
        .ingest,
        .referrals
    ),
    Route(.post, "/v1/conversions/{id}/refund", RefundConversion.self, .appKey(.referralsWrite), .ingest, .referrals),
    Route(.get, "/api/v1/rewards", ListAppRewards.self, .appKey(.referralsRead), .read, .referrals),
    Route(.get, "/v1/rewards", ListAppRewards.self, .appKey(.referralsRead), .read, .referrals),

    // What members see and decide of them; older clients name things in the body or query.
    Route(.get, "/api/partner/referrals", ListReferrals.self, .person(.view), .read, .referrals),
    Route(.delete, "/api/partner/referrals", DeleteReferral.self, .person(.develop), .write, .referrals),
    Route(.delete, "/api/partner/referrals/{id}", DeleteReferral.self, .person(.develop), .write, .referrals),
    Route(.post, "/api/partner/referrals/flag", FlagReferral.self, .person(.develop), .write, .referrals),
    Route(.post, "/api/partner/referrals/{id}/flag", FlagReferral.self, .person(.develop), .write, .referrals),
    Route(.post, "/api/partner/referrals/resolve", ResolveReferral.self, .person(.develop), .write, .referrals),
    Route(.post, "/api/partner/referrals/{id}/resolve", ResolveReferral.self, .person(.develop), .write, .referrals),
    Route(.get, "/api/partner/fraud", ListFraud.self, .person(.view), .read, .referrals),
    Route(.post, "/api/partner/fraud/resolve", ResolveFlag.self, .person(.develop), .write, .referrals),
    Route(.post, "/api/partner/fraud/{id}/resolve", ResolveFlag.self, .person(.develop), .write, .referrals),
    Route(.get, "/api/partner/rewards", ListRewards.self, .person(.view), .read, .referrals),
    Route(.patch, "/api/partner/rewards", ChangeReward.self, .person(.develop), .write, .referrals),
    Route(.patch, "/api/partner/rewards/{id}", ChangeReward.self, .person(.develop), .write, .referrals),
    Route(.get, "/api/admin/fraud", ListAllFraud.self, .operatorSession, .read, .none),
]
