import Synchronization

// From a readable connection to its next rest.
extension WorkerPool {
    func attend(to connection: Connection, on worker: Worker) {
        switch connection.look(through: worker.window) {
        case .complete:
            connection.deadline = 0
            serve(connection, on: worker)
        case .nothing:
            rest(connection)
        case .refused:
            drop(connection)
        case .partial:
            // Armed, it would be readable at once, over and over: look again when the timer goes off.
            if connection.deadline == 0 {
                connection.deadline = Clock.now + Int64(settings.receiveTimeout) * 1000
            }
            if Clock.now < connection.deadline, !shutdown.hasBegun {
                unfinished.insert(connection)
                readiness.setTimer(milliseconds: Self.tick)
            } else {
                drop(connection)
            }
        }
    }

    private func serve(_ connection: Connection, on worker: Worker) {
        requests.add(1, ordering: .sequentiallyConsistent)
        guard connection.accept() else {
            drop(connection)
            requestEnded()
            return
        }
        let exchange = Exchange(connection)
        worker.isStarting = true
        Task(executorPreference: self) { [self] in
            await handler(exchange)
            exchange.end()
            finish(connection)
        }
        worker.isStarting = false
        guard let first = worker.first else { return }
        worker.first = nil
        first.runSynchronously(on: asUnownedTaskExecutor())
    }

    private func finish(_ connection: Connection) {
        if connection.finish(keepingOpen: !shutdown.hasBegun) {
            rest(connection)
        } else {
            connectionClosed(connection)
        }
        requestEnded()
    }

    private func rest(_ connection: Connection) {
        connection.becomeIdle()
        // `stop` closes what it finds idle; what becomes idle behind its back is for us to close.
        if shutdown.hasBegun, connection.turn(.idle, into: .busy) {
            drop(connection)
        } else {
            readiness.arm(connection)
        }
    }

    func drop(_ connection: Connection) {
        connection.closeNow()
        connectionClosed(connection)
    }

    private func requestEnded() {
        let left = requests.subtract(1, ordering: .sequentiallyConsistent).newValue
        if left == 0, shutdown.hasBegun { shutdown.notify() }
    }
}
