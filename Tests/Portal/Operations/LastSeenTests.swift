import Testing

@testable import Portal

@Suite("When something was seen last")
struct LastSeenTests {
    private func lastUse(of key: UnitStore.Identities, _ unit: UnitStore) throws -> Timestamp? {
        try unit.store.read { db in try APIKeys.record(key.key, of: key.account, db) }?.lastUsedAt
    }

    @Test("is written with the next turn, the latest moment only")
    func flushed() async throws {
        let unit = try UnitStore()
        let (ada, bob) = (try unit.account("ada"), try unit.account("bob"))
        let uses = LastSeen(APIKeys.setLastUse)
        uses.note(ada.key, at: UnitStore.noon)
        uses.note(ada.key, at: UnitStore.noon.adding(seconds: 30))
        #expect(try lastUse(of: ada, unit) == nil)
        try await uses.flush(to: unit.store)
        #expect(try lastUse(of: ada, unit) == UnitStore.noon.adding(seconds: 30))
        #expect(try lastUse(of: bob, unit) == nil)
    }

    @Test("never goes back")
    func monotonic() async throws {
        let unit = try UnitStore()
        let ada = try unit.account("ada")
        let uses = LastSeen(APIKeys.setLastUse)
        uses.note(ada.key, at: UnitStore.noon)
        try await uses.flush(to: unit.store)
        uses.note(ada.key, at: UnitStore.noon.adding(seconds: -60))
        try await uses.flush(to: unit.store)
        #expect(try lastUse(of: ada, unit) == UnitStore.noon)
    }

    @Test("is kept for the next turn when the store cannot take it")
    func kept() async throws {
        let (unit, broken) = (try UnitStore(), try UnitStore())
        let ada = try unit.account("ada")
        let uses = LastSeen(APIKeys.setLastUse)
        uses.note(ada.key, at: UnitStore.noon)
        broken.store.close()
        await #expect(throws: (any Error).self) { try await uses.flush(to: broken.store) }
        try await uses.flush(to: unit.store)
        #expect(try lastUse(of: ada, unit) == UnitStore.noon)
    }
}
