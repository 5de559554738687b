import Storage
import Testing

@testable import Portal

@Suite("What a store is completed by")
struct StoreMarkTests {
    @Test("tells an older version's accounts when they are billed, once")
    func closes() throws {
        let unit = try UnitStore()
        let account = try unit.account("ada").account
        let start = { (isOlder: Bool) in
            try unit.store.writeBlocking { db in
                try db.run("UPDATE account SET next_close_at = NULL")
                if isOlder { try StoreMarks.remove(.closesSet, db) }
                try Catalogue.complete(at: UnitStore.noon, db)
                return try Accounts.nextClose(of: account, db)
            }
        }
        #expect(try start(true) == UnitStore.noon.month.end)
        #expect(try start(false) == nil)
    }
}
