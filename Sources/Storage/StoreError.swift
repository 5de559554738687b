import CSQLite
import Glibc

/// What a store answers when it cannot do what was asked.
public enum StoreError: Error, Sendable, Equatable {
    /// The write queue is at its limit: nothing was queued. Try again shortly.
    case overloaded
    /// Another process holds the write lock. Nothing was stored; reads go on.
    case busy
    /// The disk is full. Nothing was stored; reads go on.
    case full
    /// Another process (or another `Store` of this one) owns the folder; its pid, where the lock file says it.
    case inUse(by: Int32?)
    /// The file is a SQLite database of somebody else's.
    case foreign(applicationID: Int64)
    /// The database holds migrations that this program does not know.
    case newerSchema(name: String)
    /// A migration that was applied to this database reads differently now.
    case editedMigration(name: String)
    /// A value, or the file, is not what it must be.
    case corrupt(String)
    /// SQLite does not hold to a setting that the store relies on.
    case setting(String)
    case constraint(Constraint, message: String)
    /// A read ran past its deadline and was stopped.
    case readDeadline
    /// The store is closed, or is closing.
    case closed
    /// The caller's mistake: a wrong number of values, two statements in one, a `COMMIT` inside a transaction.
    case misuse(String)
    /// A column held NULL or another type than the one it was read as.
    case mismatch(column: String)
    /// A system call failed.
    case system(call: String, errno: Int32)
    case sqlite(code: Int32, extended: Int32, message: String)
}

/// The kind of constraint that refused a row.
public enum Constraint: Sendable, Equatable {
    case unique, primaryKey, foreignKey, notNull, check, trigger, dataType, other

    init(extended: Int32) {
        switch extended {
        case Extended.unique: self = .unique
        case Extended.primaryKey: self = .primaryKey
        case Extended.foreignKey: self = .foreignKey
        case Extended.notNull: self = .notNull
        case Extended.check: self = .check
        case Extended.trigger: self = .trigger
        case Extended.dataType: self = .dataType
        default: self = .other
        }
    }

    // Macros with a shift inside, which Swift does not import (sqlite.org/rescode.html).
    private enum Extended {
        static let check = SQLITE_CONSTRAINT | (1 << 8)
        static let foreignKey = SQLITE_CONSTRAINT | (3 << 8)
        static let notNull = SQLITE_CONSTRAINT | (5 << 8)
        static let primaryKey = SQLITE_CONSTRAINT | (6 << 8)
        static let trigger = SQLITE_CONSTRAINT | (7 << 8)
        static let unique = SQLITE_CONSTRAINT | (8 << 8)
        static let dataType = SQLITE_CONSTRAINT | (12 << 8)
    }
}

extension StoreError: CustomStringConvertible {
    /// A sentence for the person who reads a log or typed a command.
    public var description: String {
        switch self {
        case .overloaded: "too many writes are waiting"
        case .busy: "another process holds the database's write lock"
        case .full: "the disk is full"
        case .inUse(let pid): "another Purser\(pid.map { " (process \($0))" } ?? "") is using this folder"
        case .foreign(let id): "the file is another program's database (application_id \(id))"
        case .newerSchema(let name): "the database was written by a newer version: it has the migration \(name)"
        case .editedMigration(let name): "the migration \(name) is not the one that was applied to this database"
        case .corrupt(let message): "the database is damaged: \(message)"
        case .setting(let message): "SQLite does not keep to a setting: \(message)"
        case .constraint(let kind, let message): "a constraint (\(kind)) refused the row: \(message)"
        case .readDeadline: "a read took too long"
        case .closed: "the store is closed"
        case .misuse(let message): "misuse: \(message)"
        case .mismatch(let column): "the column \(column) holds another type than expected"
        case .system(let call, let errno): "\(call): \(String(cString: strerror(errno)))"
        case .sqlite(let code, let extended, let message): "SQLite error \(code) (\(extended)): \(message)"
        }
    }
}

extension StoreError {
    /// The last error of a connection, in the store's words. `system` is the `errno` behind it.
    init(code: Int32, extended: Int32, system: Int32, message: String) {
        switch code {
        case SQLITE_BUSY, SQLITE_LOCKED: self = .busy
        case SQLITE_FULL: self = .full
        // Growing the -shm file on a full disk says IOERR, not FULL.
        case SQLITE_IOERR where system == ENOSPC || system == EDQUOT: self = .full
        case SQLITE_CONSTRAINT: self = .constraint(Constraint(extended: extended), message: message)
        case SQLITE_CORRUPT, SQLITE_NOTADB: self = .corrupt(message)
        case SQLITE_AUTH: self = .misuse("A statement may not begin, end or attach anything, nor set a pragma.")
        default: self = .sqlite(code: code, extended: extended, message: message)
        }
    }
}
