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

    /// Whose question an answer is for, and its number there. The last answer ends it.
    mutating func close(
        _ number: UInt32, on connection: ConnectionID, isLast: Bool = true
    ) -> (folder: FolderID, number: UInt32)? {
        guard let entry = entries[connection]?[number] else { return nil }
        guard isLast else { return (entry.folder, entry.number) }
        entries[connection]?[number] = nil
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
    mutating func ask(_ question: Message, of folder: FolderID, _ device: DeviceID, on connection: ConnectionID) {
        guard let own = question.questionNumber else { return }
        guard let number = questions.open(own, of: folder, on: connection) else {
            return give(.message(device, .requestFailed(RequestFailed(request: own, code: .busy))), to: folder)
        }
        emit(.peers(.send(connection, question.numbered(number))))
    }

    /// An answer that carries only its number.
    mutating func takeAnswer(_ answer: Message, from device: DeviceID, on connection: ConnectionID) {
        guard let number = answer.answerNumber,
            let question = questions.close(number, on: connection, isLast: answer.isLastAnswer)
        else { return }
        give(.message(device, answer.numbered(question.number)), to: question.folder)
    }
}

extension Message {
    /// The number of a folder's question; nil for all else.
    var questionNumber: UInt32? {
        switch self {
        case .everHeldQuery(let query): query.request
        case .bucketRequest(let request): request.request
        case .recordsWanted(let wanted): wanted.request
        default: nil
        }
    }

    /// The number of the question that it answers.
    fileprivate var answerNumber: UInt32? {
        switch self {
        case .everHeldAnswer(let answer): answer.request
        case .bucketListing(let listing): listing.request
        case .records(let records): records.request
        case .requestFailed(let failed): failed.request
        default: nil
        }
    }

    fileprivate var isLastAnswer: Bool { if case .records(let records) = self { records.last } else { true } }

    /// The same question or answer under another number.
    fileprivate func numbered(_ number: UInt32) -> Message {
        switch self {
        case .everHeldQuery(var query):
            query.request = number
            return .everHeldQuery(query)
        case .bucketRequest(var request):
            request.request = number
            return .bucketRequest(request)
        case .recordsWanted(var wanted):
            wanted.request = number
            return .recordsWanted(wanted)
        case .everHeldAnswer(var answer):
            answer.request = number
            return .everHeldAnswer(answer)
        case .bucketListing(var listing):
            listing.request = number
            return .bucketListing(listing)
        case .records(var records):
            records.request = number
            return .records(records)
        case .requestFailed(var failed):
            failed.request = number
            return .requestFailed(failed)
        default: return self
        }
    }
}
