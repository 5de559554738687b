import CLinux
import Glibc

/// What idle workers wait on: one epoll set of the listening socket, every idle connection, a wake-up and a timer.
///
/// Each of them reaches one worker only. Sockets are armed for one event (EPOLLONESHOT) and then belong to the
/// worker that got it until it arms them again; the wake-up and the timer are edge-triggered, so that nobody
/// has to read them.
struct Readiness: Sendable {
    enum Event {
        case none
        case listener
        case wakeUp
        case timer
        case connection(Connection)
    }

    private let set: Int32
    private let wakeUp: Int32
    private let timer: Int32

    // Small numbers are no addresses, so they tell the three from a connection.
    private static let listenerMark: UInt64 = 1
    private static let wakeUpMark: UInt64 = 2
    private static let timerMark: UInt64 = 3

    private static let once = EPOLLIN.rawValue | EPOLLONESHOT.rawValue
    private static let edge = EPOLLIN.rawValue | EPOLLET.rawValue

    init(listener: Int32) throws {
        set = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeUp = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
        do {
            guard set >= 0, wakeUp >= 0, timer >= 0 else { throw SystemError("epoll_create1, eventfd, timerfd") }
            try add(wakeUp, Self.edge, Self.wakeUpMark)
            try add(timer, Self.edge, Self.timerMark)
            try add(listener, Self.once, Self.listenerMark)
        } catch {
            closeAll()
            throw error
        }
    }

    /// Waits for the next event.
    func wait() -> Event {
        var event = epoll_event()
        guard epoll_wait(set, &event, 1, -1) == 1 else { return .none }
        switch event.data.u64 {
        case Self.listenerMark: return .listener
        case Self.wakeUpMark: return .wakeUp
        case Self.timerMark: return .timer
        default:
            guard let address = event.data.ptr else { return .none }
            return .connection(Unmanaged<Connection>.fromOpaque(address).takeUnretainedValue())
        }
    }

    /// Gets one waiting worker out of `wait`.
    func wake() {
        eventfd_write(wakeUp, 1)
    }

    /// Has the timer go off once, in `milliseconds`.
    func setTimer(milliseconds: Int) {
        var time = itimerspec()
        time.it_value = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        timerfd_settime(timer, 0, &time, nil)
    }

    func arm(listener: Int32) {
        control(EPOLL_CTL_MOD, listener, Self.once, Self.listenerMark)
    }

    /// Adds a connection that somebody else keeps alive until it is closed.
    func add(_ connection: Connection) -> Bool {
        control(EPOLL_CTL_ADD, connection.descriptor, Self.once, mark(connection)) == 0
    }

    func arm(_ connection: Connection) {
        control(EPOLL_CTL_MOD, connection.descriptor, Self.once, mark(connection))
    }

    func closeAll() {
        for descriptor in [set, wakeUp, timer] where descriptor >= 0 { close(descriptor) }
    }

    private func mark(_ connection: Connection) -> UInt64 {
        UInt64(UInt(bitPattern: Unmanaged.passUnretained(connection).toOpaque()))
    }

    private func add(_ descriptor: Int32, _ events: UInt32, _ mark: UInt64) throws {
        guard control(EPOLL_CTL_ADD, descriptor, events, mark) == 0 else { throw SystemError("epoll_ctl") }
    }

    @discardableResult
    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, _ mark: UInt64) -> Int32 {
        var event = epoll_event()
        event.events = events
        event.data.u64 = mark
        return epoll_ctl(set, operation, descriptor, &event)
    }
}
