import Storage
import Web

/// What `purser check` says about payments that wait for a person.
enum PaymentWarnings {
    static func list(_ db: borrowing Database) throws -> [String] {
        let events = try StripeEvents.failed(db).map { event in
            "the event \(event.id), \(event.type), could not be applied: \(event.error); see purser stripe replay"
        }
        guard let run = try Reconciliations.find(.books, db),
            case .array(let drift)? = (try? JSONParser.parse(Array(run.report.utf8)))?["drift"], !drift.isEmpty
        else { return events }
        return events + ["\(drift.count) differences to the provider on \(run.ranAt.text): see purser stripe reconcile"]
    }
}
