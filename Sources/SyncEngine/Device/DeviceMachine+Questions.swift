internal import SyncModel
internal import WireProtocol

/// Questions of folders to members: a connection numbers requests for all of its folders.
struct QuestionBook: Sendable {
    private struct Entry: Sendable {
        let folder: FolderID
        /// The folder's own number of it.
        let number: UInt32
    }

    private var entries: [ConnectionID: [UInt32: Entry]] = [:]
    private var last: UInt32 = 0
    /// Fetches number their requests from here on.
    private static let numbersEnd: UInt32 = 1 << 31

    /// A number for a folder's question; nil where too many are under way on the connection.
    mutating func open(_ number: UInt32, of folder: FolderID, on connection: ConnectionID) -> UInt32? {
        guard entries[connection]?.count ?? 0 < Limits.reservedRequests else { return nil }
        repeat { last = (last + 1) % Self.numbersEnd } while entries[connection]?[last] != nil
        entries[connection, default: [:]][last] = Entry(folder: folder, number: number)
        return last
    }

    /// Whose question an answer is for, and its number there. It is answered with this.
    mutating func close(_ number: UInt32, on connection: ConnectionID) -> (folder: FolderID, number: UInt32)? {
        guard let entry = entries[connection]?.removeValue(forKey: number) else { return nil }
        if entries[connection]?.isEmpty == true { entries[connection] = nil }
        return (entry.folder, entry.number)
    }

    /// Nobody waits for the folder's answers any more; on this connection, or on any.
    mutating func forget(_ folder: FolderID, on connection: ConnectionID? = nil) {
        for key in entries.keys where connection == nil || key == connection {
            entries[key] = entries[key]?.filter { $0.value.folder != folder }
            if entries[key]?.isEmpty == true { entries[key] = nil }
        }
    }
}

extension DeviceMachine {
    /// Sends a folder's question under a number of the connection. Where that is not possible now, the member counts as
    /// busy.
    mutating func ask(_ query: EverHeldQuery, _ device: DeviceID, on connection: ConnectionID) {
        guard let number = questions.open(query.request, of: query.folder, on: connection) else {
            let failed = RequestFailed(request: query.request, code: .busy)
            return give(.message(device, .requestFailed(failed)), to: query.folder)
        }
        var numbered = query
        numbered.request = number
        emit(.peers(.send(connection, .everHeldQuery(numbered))))
    }

    /// An answer that carries only its number.
    mutating func takeAnswer(_ message: Message, from device: DeviceID, on connection: ConnectionID) {
        switch message {
        case .everHeldAnswer(var answer):
            guard let question = questions.close(answer.request, on: connection) else { return }
            answer.request = question.number
            give(.message(device, .everHeldAnswer(answer)), to: question.folder)
        case .requestFailed(var failed):
            guard let question = questions.close(failed.request, on: connection) else { return }
            failed.request = question.number
            give(.message(device, .requestFailed(failed)), to: question.folder)
        default: return
        }
    }
}
