internal import SyncModel
internal import WireProtocol

/// What a link calls of a fetcher.
struct FetcherCalls {
    /// There may be room for requests again.
    let roomCame: @Sendable () -> Void
    /// The link has closed: the last call, after the answers of all requests.
    let closed: @Sendable () -> Void
}

extension PeerLink {
    /// Requests and bytes that fetchers may still ask for.
    var room: (requests: Int, bytes: Int) { state.withLock { Self.room($0) } }

    private static func room(_ state: State) -> (requests: Int, bytes: Int) {
        guard state.session.isPaired, !state.isClosed else { return (0, 0) }
        let (count, bytes) = state.session.requestsUnderWay
        return (Limits.requests - Limits.reservedRequests - count, Limits.requestedBytes - Int(bytes))
    }

    /// Asks, if there is room: the request's number, or nil. `take` gets the answers on the connection's thread, the
    /// last one always unless it is cancelled.
    func ask(bytes: Int, _ make: (UInt32) -> Message, _ take: @escaping RequestTable.Take) -> UInt32? {
        var refused: (LinkFault, String)?
        let number = state.withLock { state -> UInt32? in
            let room = Self.room(state)
            guard room.requests > 0, room.bytes >= bytes else { return nil }
            let number = state.requests.open(take)
            let message = make(number)
            do throws(LinkFault) {
                try transmit(&state) { (session) throws(WireError) in [try session.send(message)] }
                return number
            } catch {
                refused = (error, "\(message.type)")
                state.requests.remove(number)
                return nil
            }
        }
        if let (fault, what) = refused { fail(fault, sending: what) }
        return number
    }

    /// The answer is no longer wanted. What still comes is dropped by the session, and takes room until then.
    func cancelRequest(_ number: UInt32) {
        do {
            try state.withLock { state throws(LinkFault) in
                guard state.requests.remove(number), !state.session.isOver else { return }
                try transmit(&state) { (session) throws(WireError) in
                    // Its last answer may be on its way to the fetcher: then the session knows it no longer.
                    do { return [try session.send(.cancelRequest(number))] } catch { return [] }
                }
            }
        } catch {
            fail(error, sending: "cancelRequest")
        }
    }

    /// The calls come on the connection's thread. False if the link has closed.
    func attach(_ fetcher: AnyObject, _ calls: FetcherCalls) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.fetchers[ObjectIdentifier(fetcher)] = calls
            return true
        }
    }

    func detach(_ fetcher: AnyObject) {
        state.withLock { $0.fetchers[ObjectIdentifier(fetcher)] = nil }
    }

    func roomCame() {
        for calls in state.withLock({ Array($0.fetchers.values) }) { calls.roomCame() }
    }

    /// Tells the session of a content frame that is about to leave; false if it must not any more.
    func noteContent(request: UInt32, offset: UInt64, last: Bool, count: Int) -> Bool {
        state.withLock { state in
            guard !state.session.isOver else { return false }
            return (try? state.session.contentHeader(request: request, offset: offset, last: last, count: count)) != nil
        }
    }

    /// Payload bytes of index batches that may be sent now.
    func indexCredit(_ folder: FolderID) -> Int { state.withLock { $0.session.indexCredit(folder) } }
}
