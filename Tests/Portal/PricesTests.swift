import Testing

@testable import Portal

@Suite("Prices")
struct PricesTests {
    let unit: UnitStore

    init() throws {
        unit = try UnitStore()
    }

    private func micros(_ name: String, _ meter: Meter = .shots, at moment: Timestamp = UnitStore.noon) throws -> Int64
    {
        try unit.store.read { db in try Prices.find(meter, Backend(known: name), on: moment.day, db).unitMicros }
    }

    @Test(
        "are those of a backend's own name, else of its family, else of everything else",
        arguments: [
            ("ionq_simulator", 10_000, true), ("ionq_ideal", 10_000, true), ("aws_sv1", 10_000, true),
            ("aws_tn1", 20_000, true),
            ("ibm_torino", 3_000_000, false), ("ibm_brisbane", 3_000_000, false), ("ionq_forte", 3_000_000, false),
            ("ionq_qpu", 2_000_000, false), ("quera_aquila", 5_000_000, false), ("simulator", 1000, true),
            ("simulator_statevector", 1000, true), ("simulator_mps", 1000, true), ("ibm_kyoto", 3_000_000, false),
            ("IBM_OSAKA", 3_000_000, false), ("ibm_sherbrooke", 3_000_000, false), ("ionq_new", 2_000_000, false),
            ("aws_dm1", 20_000, true), ("rigetti_ankaa", 1_000_000, false), ("_", 1_000_000, false),
        ] as [(String, Int64, Bool)]
    )
    func initial(name: String, micros: Int64, isSimulator: Bool) throws {
        let day = UnitStore.noon.day
        let price = try unit.store.read { db in try Prices.find(.shots, Backend(known: name), on: day, db) }
        #expect(price == Prices.Price(unitMicros: micros, isSimulator: isSimulator))
        #expect(try self.micros(name, .inferences) == 0)
    }

    @Test("hold from the midnight of their day until a later one's")
    func effectiveDates() throws {
        let (march, june) = (Day(year: 2026, month: 3, day: 1), Day(year: 2026, month: 6, day: 1))
        try unit.store.writeBlocking { db in
            // Written in the wrong order.
            try Prices.put(.shots, "ibm_torino", unitMicros: 7, isSimulator: false, from: june, db)
            try Prices.put(.shots, "ibm_torino", unitMicros: 5, isSimulator: false, from: march, db)
            try Prices.put(.shots, "ibm_kyoto", unitMicros: 9, isSimulator: false, from: june, db)
        }
        let before = Timestamp(milliseconds: Timestamp(day: march).milliseconds - 1)
        #expect(try micros("ibm_torino", at: before) == 3_000_000)
        #expect(try micros("ibm_torino", at: Timestamp(day: march)) == 5)
        #expect(try micros("ibm_torino", at: Timestamp(milliseconds: Timestamp(day: june).milliseconds - 1)) == 5)
        #expect(try micros("ibm_torino", at: Timestamp(day: june)) == 7)
        // A name that gets a price later has its family's until then.
        #expect(try micros("ibm_kyoto", at: Timestamp(day: march)) == 3_000_000)
        #expect(try micros("ibm_kyoto", at: Timestamp(day: june)) == 9)
    }

    @Test("of one day replace each other, and stay between nothing and a thousand dollars")
    func bounds() throws {
        let day = Day(year: 2026, month: 1, day: 1)
        for (given, kept) in [(1, 1), (-5, 0), (2_000_000_000, 1_000_000_000)] as [(Int64, Int64)] {
            try unit.store.writeBlocking { db in
                try Prices.put(.shots, "x", unitMicros: given, isSimulator: true, from: day, db)
            }
            #expect(try micros("x") == kept)
        }
        #expect(Prices.Price(unitMicros: Prices.highestMicros, isSimulator: false).cost(of: 100_000_000).micros > 0)
    }

    @Test("are listed as they are in force, each name once")
    func listed() throws {
        let day = Day(year: 2026, month: 3, day: 1)
        try unit.store.writeBlocking { db in
            try Prices.put(.shots, "aws_sv1", unitMicros: 5, isSimulator: true, from: day, db)
        }
        func list(_ moment: Timestamp) throws -> [String: Int64] {
            let list = try unit.store.read { db in try Prices.list(at: moment, db) }
            return Dictionary(uniqueKeysWithValues: list.map { ("\($0.meter) \($0.backend)", $0.price.unitMicros) })
        }
        #expect(try list(Timestamp(day: day))["shots aws_sv1"] == 5)
        #expect(try list(Timestamp(day: day).adding(seconds: -1))["shots aws_sv1"] == 10_000)
        #expect(try list(UnitStore.noon).count == 16)
    }

    @Test("are remembered by the book until it is told to forget")
    func remembered() throws {
        let book = PriceBook()
        let (name, day) = (Backend(known: "ibm_torino"), UnitStore.noon.day)
        func micros(on day: Day) throws -> Int64 {
            try unit.store.read { db in try book.find(.shots, name, on: day, db).unitMicros }
        }
        #expect(try micros(on: day) == 3_000_000)
        try unit.store.writeBlocking { db in
            try Prices.put(.shots, "ibm_torino", unitMicros: 5, isSimulator: false, from: day, db)
        }
        #expect(try micros(on: day) == 3_000_000)
        #expect(try micros(on: Day(number: day.number + 1)) == 5)
        book.forget()
        #expect(try micros(on: day) == 5)
    }
}
