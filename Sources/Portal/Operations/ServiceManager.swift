import CLinux
import Glibc

/// What systemd is told about us (sd_notify(3)); nothing where nobody asks.
struct ServiceManager: Sendable {
    private let path: String?
    /// How often systemd wants to hear from us, in seconds; nil when it does not watch.
    let watchdogSeconds: Double?

    init(environment: [String: String]) {
        path = environment["NOTIFY_SOCKET"]
        let isForUs = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        watchdogSeconds = isForUs ? environment["WATCHDOG_USEC"].flatMap(Double.init).map { $0 / 1_000_000 } : nil
    }

    func notify(_ state: String) {
        guard let path else { return }
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return }
        defer { close(socket) }
        let bytes = Array(state.utf8)
        _ = try? UnixSocket.withAddress(path) { address, size in
            sendto(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL), address, size)
        }
    }
}
