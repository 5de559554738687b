import CCurl

/// The life of a courier's thread: who waits, whose turn it is, what is under way. Nobody else touches it.
final class CourierDesk {
    /// An errand under way.
    private final class Flight {
        let errand: CourierInbox.Errand
        let permit: Breaker.Permit
        var transfer: Transfer?

        init(_ errand: CourierInbox.Errand, _ permit: Breaker.Permit) {
            (self.errand, self.permit) = (errand, permit)
        }
    }

    private struct Receiver {
        var breaker: Breaker
        var waiting: [CourierInbox.Errand] = []
        var underWay = 0
    }

    private static let receiversAtMost = 4096

    private let name: String
    private let policy: AddressPolicy
    private let settings: Courier.Settings
    private let lookUp: @Sendable (String) throws -> [IPAddress]
    private let inbox: CourierInbox
    private let now: () -> Int64
    private var names: NameBook
    private var receivers: [String: Receiver] = [:]
    /// Receivers with errands that wait and quota left, each once, in order of their turns.
    private var turns: [String] = []
    private var underWay = 0
    private var waiting = 0
    /// By name, those that wait for its addresses.
    private var unaddressed: [String: [Flight]] = [:]
    private var sending: [UnsafeMutableRawPointer: Flight] = [:]
    private var idle: [Transfer] = []
    private var lastSweep: Int64 = 0

    init(
        name: String,
        _ policy: AddressPolicy,
        _ settings: Courier.Settings,
        _ lookUp: @escaping @Sendable (String) throws -> [IPAddress],
        _ inbox: CourierInbox,
        _ now: @escaping () -> Int64
    ) {
        (self.name, self.policy, self.settings) = (name, policy, settings)
        (self.lookUp, self.inbox, self.now) = (lookUp, inbox, now)
        names = NameBook(threads: settings.lookUps)
    }

    /// Until the inbox is closed and what is under way has come to its end.
    func serve() {
        while true {
            let (notes, isClosed) = inbox.take()
            for note in notes { heed(note) }
            if isClosed {
                drop { _ in true }
                if underWay == 0 { return }
            }
            startTurns()
            for finished in inbox.multi.advance() { land(finished) }
            startTurns()
            sweep()
            let isBusy = underWay > 0 || waiting > 0
            inbox.multi.wait(milliseconds: isBusy ? 250 : 60_000)
        }
    }

    private func heed(_ note: CourierInbox.Note) {
        switch note {
        case .errand(let errand):
            receivers[errand.receiver, default: Receiver(breaker: Breaker(settings.breaker))].waiting.append(errand)
            waiting += 1
            queue(errand.receiver)
        case .withdrawal(let ticket):
            drop { $0.ticket === ticket }
            abort(ticket)
        case .finding(let name, let finding):
            names.learn(name, finding, at: now())
            for flight in unaddressed.removeValue(forKey: name) ?? [] { depart(flight, finding) }
        }
        startLookUps()
    }

    private func queue(_ name: String) {
        guard let receiver = receivers[name], !receiver.waiting.isEmpty,
            receiver.underWay < settings.transfersPerReceiver, !turns.contains(name)
        else { return }
        turns.append(name)
    }

    private func startTurns() {
        while underWay < settings.transfers, !turns.isEmpty {
            let name = turns.removeFirst()
            guard var receiver = receivers[name], !receiver.waiting.isEmpty else { continue }
            let errand = receiver.waiting.removeFirst()
            waiting -= 1
            if errand.deadline <= now() {
                receivers[name] = receiver
                end(errand, .failure(OutboundError.timedOut(sent: false)))
            } else {
                switch receiver.breaker.admit(at: now()) {
                case .refuse(let wait):
                    receivers[name] = receiver
                    end(errand, .failure(OutboundError.circuitOpen(retryAfter: Int((wait + 999) / 1000))))
                case .pass(let permit):
                    receiver.underWay += 1
                    receivers[name] = receiver
                    underWay += 1
                    begin(Flight(errand, permit))
                }
            }
            queue(name)
        }
    }

    private func begin(_ flight: Flight) {
        let destination = flight.errand.destination
        if let address = destination.address {
            depart(flight, .success([address]))
        } else if let finding = names.finding(destination.host, at: now()) {
            depart(flight, finding)
        } else {
            unaddressed[destination.host, default: []].append(flight)
            names.ask(destination.host, at: now())
            startLookUps()
        }
    }

    private func startLookUps() {
        while let host = names.next() {
            let (inbox, lookUp) = (inbox, lookUp)
            do {
                try LaneThread.start(name: "\(name)-names") {
                    let finding = Result { try lookUp(host) }
                        .mapError { $0 as? OutboundError ?? .unreachable("\($0)") }
                    inbox.push(.finding(name: host, finding))
                }
            } catch {
                inbox.push(.finding(name: host, .failure(.unreachable("\(error)"))))
            }
        }
    }

    private func depart(_ flight: Flight, _ finding: NameBook.Finding) {
        do {
            let addresses = try finding.get()
            let destination = flight.errand.destination
            guard policy.permits(addresses, isPlain: destination.isPlain) else { throw OutboundError.forbiddenAddress }
            let left = flight.errand.deadline - now()
            guard left > 0 else { throw OutboundError.timedOut(sent: false) }
            let transfer = try idle.popLast() ?? Transfer(answerLimit: settings.answerLimit, caFile: settings.caFile)
            let pin = Pin(destination, to: addresses)
            try transfer.prepare(flight.errand.request, milliseconds: Int(left), pinned: pin)
            try inbox.multi.add(transfer)
            flight.transfer = transfer
            sending[transfer.handle] = flight
        } catch {
            land(flight, .failure(error))
        }
    }

    private func land(_ finished: Multi.Finished) {
        guard let flight = sending.removeValue(forKey: finished.handle), let transfer = flight.transfer else { return }
        let result = Result { try transfer.finish(finished.code) }
        idle.append(transfer)
        land(flight, result)
    }

    private func land(_ flight: Flight, _ result: Result<OutboundResponse, any Error>) {
        let name = flight.errand.receiver
        underWay -= 1
        receivers[name]?.underWay -= 1
        receivers[name]?.breaker.record(flight.permit, succeeded: LaneDesk.isAlive(result), at: now())
        end(flight.errand, result)
        queue(name)
    }

    private func end(_ errand: CourierInbox.Errand, _ result: Result<OutboundResponse, any Error>) {
        inbox.finishOne()
        errand.continuation.resume(with: result)
    }

    /// Takes errands that wait out of their lines.
    private func drop(_ isMeant: (CourierInbox.Errand) -> Bool) {
        for (name, receiver) in receivers where receiver.waiting.contains(where: isMeant) {
            let dropped = receiver.waiting.filter(isMeant)
            receivers[name]?.waiting.removeAll(where: isMeant)
            waiting -= dropped.count
            for errand in dropped { end(errand, .failure(OutboundError.closed)) }
        }
    }

    /// Breaks off an errand under way. The receiver may have acted on it.
    private func abort(_ ticket: CourierInbox.Ticket) {
        if let (handle, flight) = sending.first(where: { $0.value.errand.ticket === ticket }) {
            sending[handle] = nil
            flight.transfer.map(inbox.multi.remove)
            land(flight, .failure(OutboundError.closed))
        } else if let (name, flights) = unaddressed.first(where: { $0.value.contains { $0.errand.ticket === ticket } })
        {
            unaddressed[name] = flights.filter { $0.errand.ticket !== ticket }
            for flight in flights where flight.errand.ticket === ticket {
                land(flight, .failure(OutboundError.closed))
            }
        }
    }

    /// Ends what waited for a turn or for a name's addresses until its time was over, and forgets receivers that are
    /// well and have nothing to do.
    private func sweep() {
        let now = now()
        guard now - lastSweep >= 250 else { return }
        lastSweep = now
        for (name, receiver) in receivers where receiver.waiting.contains(where: { $0.deadline <= now }) {
            let late = receiver.waiting.filter { $0.deadline <= now }
            receivers[name]?.waiting.removeAll { $0.deadline <= now }
            waiting -= late.count
            for errand in late { end(errand, .failure(OutboundError.timedOut(sent: false))) }
        }
        for (name, flights) in unaddressed where flights.contains(where: { $0.errand.deadline <= now }) {
            unaddressed[name] = flights.filter { $0.errand.deadline > now }
            for flight in flights where flight.errand.deadline <= now {
                land(flight, .failure(OutboundError.timedOut(sent: false)))
            }
        }
        guard receivers.count > Self.receiversAtMost else { return }
        receivers = receivers.filter { _, receiver in
            receiver.underWay > 0 || !receiver.waiting.isEmpty || receiver.breaker.refusal(at: now) != nil
        }
    }
}
