import Storage

/// Tells those whose card expires by the end of next month, once for each card and date.
enum CardExpiry {
    private static let slice = 50

    static func tell(_ app: App) async throws {
        let links = app.invoiceLinks
        while true {
            let now = app.now()
            let told = try await app.store.write { db in
                let cards = try PaymentMethods.expiring(by: now.month.next, limit: slice, db)
                for (accountID, card) in cards {
                    try PaymentMethods.setWarned(card.id, at: now, db)
                    // Only the one that is charged matters to anybody.
                    guard try PaymentMethods.preferred(of: accountID, db)?.id == card.id else { continue }
                    try DunningLetter.expiring(card, links).queue(to: accountID, at: now, db)
                }
                return cards.count
            }
            if told < slice { return }
        }
    }
}
