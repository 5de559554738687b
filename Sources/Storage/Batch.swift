import CSQLite

/// Several writes in one transaction, each free to fail.
extension Connection {
    /// - Returns: how many ran. Fewer than all when the transaction is lost: a full or failing disk takes it whole.
    func perform(_ jobs: ArraySlice<Job>) -> Int {
        // A write by itself needs no savepoint: its transaction is its own.
        if jobs.count == 1, let job = jobs.first {
            do {
                try job.perform(self)
                try requireNoOrphans()
            } catch {
                job.error = error
                try? control("ROLLBACK")
            }
            return 1
        }
        for (position, job) in jobs.enumerated() {
            attempt(job)
            if !isInTransaction || isBroken { return position + 1 }
        }
        return jobs.count
    }

    private func attempt(_ job: Job) {
        do {
            try control("SAVEPOINT write")
            try job.perform(self)
            try requireNoOrphans()
            try control("RELEASE write")
        } catch {
            job.error = error
            guard isInTransaction else { return }
            do {
                try control("ROLLBACK TO write")
                try control("RELEASE write")
            } catch {
                try? control("ROLLBACK")
            }
        }
    }

    /// - Returns: why nothing of these jobs is stored, or nil when all is that did not fail by itself.
    func commit(_ jobs: ArraySlice<Job>) -> (any Error)? {
        do {
            guard isInTransaction, !isBroken else {
                let lost = StoreError.sqlite(code: SQLITE_ABORT, extended: SQLITE_ABORT, message: "Transaction lost.")
                throw jobs.last?.error ?? lost
            }
            try control("COMMIT")
            return nil
        } catch {
            if isInTransaction { try? control("ROLLBACK") }
            return error
        }
    }
}
