import Synchronization
import Web

/// `purser simulate FILE --csv`: as ``ExportSimulation``, in one answer, since the control socket streams nothing.
struct SimulateByShell: Endpoint {
    struct Answer: JSONOutput {
        let csv: String
    }

    static func handle(_ input: SimulationQuery, by caller: Caller, in app: App) async throws -> Answer {
        let file = try await ExportSimulation.handle(input, by: caller, in: app).response()
        guard case .stream(let produce) = file.body else { throw Failure.notFound() }
        let lines = Mutex<[UInt8]>([])
        try await produce { bytes in lines.withLock { $0 += bytes } }
        return Answer(csv: lines.withLock { String(decoding: $0, as: UTF8.self) })
    }
}
