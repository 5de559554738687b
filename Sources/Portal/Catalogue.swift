import Storage

/// The plans and prices that a new store begins with. They are rows from then on, and the operator's to change.
enum Catalogue {
    /// Writes them into a store that has no plans yet.
    static func install(_ db: borrowing Database) throws {
        guard try Plans.isEmpty(db) else { return }
        let always = Day(number: 0)
        try Plans.put(
            code: Plans.free,
            name: "Free",
            isPrepaid: true,
            simulatorsOnly: true,
            limits: [.shots: 100, .inferences: 100, .calls: 1_000],
            db
        )
        try Plans.setKeyLimit(3, ofPlan: Plans.free, db)
        try Plans.put(
            code: "pro",
            name: "Pro",
            isPrepaid: false,
            simulatorsOnly: false,
            limits: [.shots: 500_000, .inferences: 50_000, .calls: 50_000],
            db
        )
        try Plans.put(code: "enterprise", name: "Enterprise", isPrepaid: false, simulatorsOnly: false, limits: [:], db)
        for (name, micros, isSimulator) in shotPrices {
            try Prices.put(.shots, name, unitMicros: micros, isSimulator: isSimulator, from: always, db)
        }
        try Prices.put(.inferences, "family:other", unitMicros: 0, isSimulator: false, from: always, db)
    }

    /// Millionths of a dollar a shot (contract, section 1).
    private static let shotPrices: [(String, Int64, Bool)] = [
        ("ionq_simulator", 10_000, true),
        ("ionq_ideal", 10_000, true),
        ("aws_sv1", 10_000, true),
        ("aws_tn1", 20_000, true),
        ("ibm_torino", 3_000_000, false),
        ("ibm_brisbane", 3_000_000, false),
        ("ionq_forte", 3_000_000, false),
        ("ionq_qpu", 2_000_000, false),
        ("quera_aquila", 5_000_000, false),
        ("family:simulator", 1_000, true),
        ("family:ibm", 3_000_000, false),
        ("family:ionq", 2_000_000, false),
        ("family:aws", 20_000, true),
        ("family:quera", 5_000_000, false),
        ("family:other", 1_000_000, false),
    ]
}
