import Storage
import Synchronization

/// What a unit costs, from when. Every statement on `price` is in this file.
enum Prices {
    struct Price: Sendable, Equatable {
        let unitMicros: Int64
        let isSimulator: Bool

        func cost(of quantity: Int64) -> Dollars {
            // Quantities end at 10^8 and prices at 10^9 millionths, so the product fits.
            Dollars(micros: quantity * unitMicros)
        }
    }

    static let highestMicros: Int64 = 1_000_000_000

    /// The price of a backend's own name in whatever case, else of its family, else of everything.
    static func find(
        _ meter: Meter,
        _ backend: Backend,
        on day: Day,
        _ db: borrowing Database
    ) throws -> Price {
        if let own = try find(meter, backend.name.lowercased(), on: day, db) { return own }
        if let family = try find(meter, "family:\(backend.family)", on: day, db) { return family }
        return try find(meter, "family:other", on: day, db) ?? Price(unitMicros: 0, isSimulator: false)
    }

    private static func find(
        _ meter: Meter,
        _ name: String,
        on day: Day,
        _ db: borrowing Database
    ) throws -> Price? {
        try db.first(
            """
            SELECT unit_micros, is_simulator FROM price
            WHERE meter = ? AND backend = ? AND effective_from <= ? ORDER BY effective_from DESC LIMIT 1
            """,
            meter.rawValue,
            name,
            Timestamp(day: day).milliseconds
        ) { row in Price(unitMicros: row[0], isSimulator: row[1]) }
    }

    struct Listed: Sendable {
        let meter: String
        let backend: String
        let price: Price
        let effectiveFrom: Timestamp
    }

    /// Those in force, by meter and name.
    static func list(at moment: Timestamp, _ db: borrowing Database) throws -> [Listed] {
        try db.all(
            """
            SELECT p.meter, p.backend, p.unit_micros, p.is_simulator, p.effective_from FROM price p
            WHERE p.effective_from = (
                SELECT max(q.effective_from) FROM price q
                WHERE q.meter = p.meter AND q.backend = p.backend AND q.effective_from <= ?
            ) ORDER BY p.meter, p.backend
            """,
            moment.milliseconds
        ) { row in
            Listed(
                meter: row[0],
                backend: row[1],
                price: Price(unitMicros: row[2], isSimulator: row[3]),
                effectiveFrom: Timestamp(milliseconds: row[4])
            )
        }
    }

    /// Prices change at midnight UTC, so a day has one price.
    static func put(
        _ meter: Meter,
        _ name: String,
        unitMicros: Int64,
        isSimulator: Bool,
        from day: Day,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO price (meter, backend, effective_from, unit_micros, is_simulator) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (meter, backend, effective_from)
            DO UPDATE SET unit_micros = excluded.unit_micros, is_simulator = excluded.is_simulator
            """,
            meter.rawValue,
            name,
            Timestamp(day: day).milliseconds,
            min(max(0, unitMicros), highestMicros),
            isSimulator
        )
    }
}

/// Prices that were looked up before: few are asked for, and again and again.
///
/// They change at midnight or when an operator changes them, who then calls ``forget()``.
final class PriceBook: Sendable {
    private struct Cell: Hashable {
        let meter: Meter
        let backend: Backend
        let day: Day
    }

    /// Names come from clients, so what is remembered is bounded.
    private static let most = 2048
    private let known = Mutex<[Cell: Prices.Price]>([:])

    func find(_ meter: Meter, _ backend: Backend, on day: Day, _ db: borrowing Database) throws -> Prices.Price {
        let cell = Cell(meter: meter, backend: backend, day: day)
        if let price = known.withLock({ $0[cell] }) { return price }
        let price = try Prices.find(meter, backend, on: day, db)
        known.withLock { known in
            if known.count >= Self.most { known = [:] }
            known[cell] = price
        }
        return price
    }

    func forget() {
        known.withLock { $0 = [:] }
    }
}
