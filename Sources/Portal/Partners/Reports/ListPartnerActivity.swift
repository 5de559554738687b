import Storage
import Web

/// `GET /api/partner/usage-stats/activity`: the log of apps' calls, newest first, by page (contract, section 2).
struct ListPartnerActivity: Endpoint {
    struct Input: Codable, Sendable {
        let appId: AppParameter?
        /// From 1.
        let page: Whole<1, 1_000_000>?
        /// 25 unless told.
        let limit: Whole<1, 100>?
        let status: StatusFilter?
        /// A part of the endpoint's name.
        let endpoint: Text<0, 200>?
        let startDate: PeriodEdge?
        let endDate: PeriodEdge?
        /// A part of the endpoint's name, the address or the user agent.
        let search: Text<0, 200>?
    }

    struct CampaignLabel: Codable, Sendable {
        let id: String
        let name: String
    }

    struct Log: Codable, Sendable {
        let id: String
        let endpoint: String
        let statusCode: Int64
        let timestamp: PreciseTime
        let ipAddress: String
        let userAgent: String
        /// Without an id where it was deleted since.
        let app: AppLabel
        /// Null where the call was about none, or where it was deleted since.
        let campaign: Nullable<CampaignLabel>
    }

    struct Answer: JSONOutput {
        let logs: [Log]
        let totalItems: Int64
        let totalPages: Int64
        let currentPage: Int64
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let (page, limit) = (input.page?.value ?? 1, input.limit?.value ?? 25)
        var filter = AppRequests.Filter()
        if let status = input.status { filter.statuses = status.range }
        (filter.endpoint, filter.search) = (input.endpoint?.value ?? "", input.search?.value ?? "")
        if let begin = input.startDate?.begin { filter.from = begin }
        if let end = input.endDate?.end { filter.to = end }
        guard filter.from < filter.to else { throw Failure.invalid("startDate", "must not be after endDate") }
        return try app.store.read { [filter] db in
            let scope = try ReportScope(account: accountID, app: input.appId?.value, db)
            let found = try AppRequests.page(
                account: accountID,
                app: scope.app?.id,
                filter,
                page: page,
                limit: limit,
                db
            )
            let apps = Dictionary(uniqueKeysWithValues: scope.apps.map { ($0.id, AppLabel($0)) })
            return Answer(
                logs: try found.calls.map { call in
                    let campaign = try call.campaignID.flatMap { try Campaigns.find(id: $0, db) }
                    return Log(
                        id: "\(call.id)",
                        endpoint: call.endpoint,
                        statusCode: call.status,
                        timestamp: PreciseTime(call.requestedAt),
                        ipAddress: call.address,
                        userAgent: call.userAgent,
                        app: try apps[call.appID] ?? AppLabel(deleted: call.appID, db),
                        campaign: Nullable(campaign.map { CampaignLabel(id: $0.publicID, name: $0.terms.name) })
                    )
                },
                totalItems: found.total,
                totalPages: (found.total + limit - 1) / limit,
                currentPage: page
            )
        }
    }
}

/// Which answers a list of calls shows: `404`, `4xx`, `success`, `error`; empty or `all`: any.
struct StatusFilter: Sendable, Equatable {
    static let any = StatusFilter(range: 100...599)

    let range: ClosedRange<Int64>

    private init(range: ClosedRange<Int64>) {
        self.range = range
    }

    init?(_ text: String) {
        switch text.lowercased() {
        case "", "all": self = .any
        case "success": self.init(range: 100...399)
        case "error": self.init(range: 400...599)
        case let name where name.utf8.count == 3 && name.hasSuffix("xx"):
            guard let hundreds = Int64(name.prefix(1)), (1...5).contains(hundreds) else { return nil }
            self.init(range: hundreds * 100...hundreds * 100 + 99)
        case let name:
            guard let status = Int64(name), (100...599).contains(status) else { return nil }
            self.init(range: status...status)
        }
    }
}

extension StatusFilter: Codable, Documented {
    static var schema: Schema {
        .string(min: nil, max: nil, pattern: "^([1-5]([0-9]{2}|[xX]{2})|success|error|all)?$", format: nil)
    }
    static var sample: Self { .any }

    init(from decoder: any Decoder) throws {
        guard let filter = Self(try decoder.singleValueContainer().decode(String.self)) else {
            throw ValueFault("must be a status such as 404 or 4xx, success, error or all")
        }
        self = filter
    }

    /// Only answers are encoded.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode("\(range.lowerBound)")
    }
}
