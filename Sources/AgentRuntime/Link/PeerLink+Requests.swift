internal import SyncModel
internal import WireProtocol

extension PeerLink {
    /// Requests and bytes that fetchers may still ask for.
    var room: (requests: Int, bytes: Int) {
        state.withLock { $0.session.isPaired ? $0.requests.room : (0, 0) }
    }

    /// Asks, if there is room: the request's number, or nil. `take` gets the answers on the connection's thread, the
    /// last one always.
    func ask(
        bytes: Int, _ make: (UInt32) -> Message, _ take: @escaping @Sendable (FetchAnswer) -> Void
    ) -> UInt32? {
        var refused: (LinkFault, String)?
        let number = state.withLock { state -> UInt32? in
            guard !state.isClosed, !state.session.isOver, let number = state.requests.open(bytes: bytes, take) else {
                return nil
            }
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

    /// The answer is no longer wanted; what still comes is dropped.
    func cancelRequest(_ number: UInt32) {
        let isUnderWay = state.withLock { state in
            state.requests.cancel(number) && !state.isClosed
        }
        if isUnderWay { send(.cancelRequest(number)) }
    }

    /// `roomCame` is called when there may be room again, on the connection's thread.
    func attach(_ fetcher: AnyObject, roomCame: @escaping @Sendable () -> Void) {
        state.withLock { state in
            if !state.isClosed { state.fetchers[ObjectIdentifier(fetcher)] = roomCame }
        }
    }

    func detach(_ fetcher: AnyObject) {
        state.withLock { $0.fetchers[ObjectIdentifier(fetcher)] = nil }
    }

    func roomCame() {
        for call in state.withLock({ Array($0.fetchers.values) }) { call() }
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
