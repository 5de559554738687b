import Web

/// A notification as the person sees it who asks.
struct NotificationView: JSONOutput {
    let id: String
    let type: Notifications.Kind
    let title: String
    let message: String
    let read: Bool
    let createdAt: PreciseTime

    init(_ it: Notifications.Notification) {
        (id, type, title, message) = (it.publicID, it.kind, it.title, it.message)
        (read, createdAt) = (it.isRead, PreciseTime(it.createdAt))
    }
}

/// `GET /api/partner/notifications`: the newest first.
struct ListNotifications: Endpoint {
    struct Input: Codable, Sendable {
        /// 50 unless told.
        let limit: Whole<1, 200>?
    }

    struct Answer: JSONOutput {
        let notifications: [NotificationView]
        /// Shown or not.
        let unreadCount: Int64
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        let limit = input.limit?.value ?? 50
        return try app.store.read { db in
            let (person, account) = (holder.userID, holder.accountID)
            return Answer(
                notifications: try Notifications.list(for: person, in: account, limit: limit, db)
                    .map { NotificationView($0) },
                unreadCount: try Notifications.countUnread(for: person, in: account, db)
            )
        }
    }
}

/// `PATCH /api/partner/notifications/{id}`: read, by the one who asks; unread again with `{"read": false}`.
struct ReadNotification: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<1, 64>
        let read: Bool?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> NotificationView {
        let (holder, now) = (try caller.requireHolder(), app.now())
        let (person, account, id) = (holder.userID, holder.accountID, input.id.value)
        return try await app.store.write { db in
            guard let found = try Notifications.find(id, for: person, in: account, db) else {
                throw Failure.notFound("Notification not found")
            }
            try Notifications.setRead(input.read ?? true, found.id, by: person, at: now, db)
            return NotificationView(try Notifications.find(id, for: person, in: account, db) ?? found)
        }
    }
}

/// `POST /api/partner/notifications/read-all`.
struct ReadAllNotifications: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Success {
        let (holder, now) = (try caller.requireHolder(), app.now())
        try await app.store.write { db in
            try Notifications.setAllRead(by: holder.userID, in: holder.accountID, at: now, db)
        }
        return Success()
    }
}
