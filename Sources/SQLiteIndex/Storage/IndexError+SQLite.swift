internal import GRDB
internal import GRDBSQLite

extension IndexError {
    /// What an error of SQLite means for the caller; our own errors pass unchanged.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as IndexError: self = error
        case let error as DatabaseError:
            self.init(
                sqlite: error.extendedResultCode.rawValue, message: error.message ?? "no message", path: path)
        default: self.init(.other, "The database \(path) failed: \(error).")
        }
    }

    /// From SQLite's extended result code and message.
    init(sqlite cause: Int32, message: String, path: String) {
        switch cause & 0xff {
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            self.init(.corrupt, "The database \(path) is damaged (\(message)); it must be rebuilt.", cause: cause)
        case SQLITE_BUSY, SQLITE_LOCKED:
            self.init(.busy, "The database \(path) is held by another process (\(message)).", cause: cause)
        case SQLITE_FULL:
            self.init(.diskFull, "No space is left for the database \(path); free some.", cause: cause)
        case SQLITE_IOERR, SQLITE_READONLY, SQLITE_PERM, SQLITE_CANTOPEN, SQLITE_AUTH:
            self.init(.inputOutput, "The database \(path) can't be read or written (\(message)).", cause: cause)
        case SQLITE_CONSTRAINT:
            self.init(.refused, "The database \(path) refused a change (\(message)).", cause: cause)
        default: self.init(.other, "The database \(path) failed (\(message)).", cause: cause)
        }
    }

    /// A stored value that we can't have written.
    static func damaged(_ what: String, path: String = "") -> IndexError {
        IndexError(.corrupt, "The database\(path.isEmpty ? "" : " " + path) holds \(what); it must be rebuilt.")
    }
}
