import SyncModel
import Testing
import WireProtocol

/// What comes of each message in each state of a session.
@Suite struct SessionTableTests {
    enum Outcome: Equatable {
        /// Handed on, or dealt with.
        case taken
        /// Passed over; the session goes on.
        case refused(WireError.Code)
        /// The session ends.
        case fails(WireError.Code)
    }

    static func outcome(_ output: SessionOutput) -> Outcome {
        if let code = output.failure { return .fails(code) }
        if let code = output.refusal { return .refused(code) }
        return .taken
    }

    static let pairing: Set<MessageType> = [
        .pairRequest, .pairCommit, .pairNonce, .pairReveal, .pairConfirm, .pairCancel, .joinRequest,
        .introduction,
    ]
    static let answers: Set<MessageType> = [
        .contentData, .chunkListData, .requestFailed, .bucketListing, .records, .everHeldAnswer,
    ]

    @Test(arguments: MessageType.allCases)
    func beforeTheHello(type: MessageType) throws {
        var sampler = Sampler(seed: 5)
        var session = PeerSession(hello: SessionPair.hello("left"), isPaired: true, now: 0)
        _ = try session.start()
        let output = session.receive(try WireCodec.encode(sampler.message(type)), now: 0)
        switch type {
        case .close: #expect(output.failure == nil && session.isOver)
        case .hello: #expect(output.failure == nil || output.failure == .versionMismatch)
        default: #expect(SessionTableTests.outcome(output) == .fails(.outOfState))
        }
        if output.failure != nil { #expect(session.isOver && output.frames.first?.type == MessageType.close.rawValue) }
    }

    @Test(arguments: MessageType.allCases)
    func unpaired(type: MessageType) throws {
        var sampler = Sampler(seed: 6)
        var pair = try SessionPair.opened(leftPaired: false, rightPaired: false)
        let outcome = SessionTableTests.outcome(try pair.rightForges(sampler.message(type)))
        switch type {
        case .hello: #expect(outcome == .fails(.outOfState))
        case .pong, .joinReply: #expect(outcome == .fails(.unrequested))
        case .close, .ping, .paired: #expect(outcome == .taken)
        case _ where SessionTableTests.pairing.contains(type): #expect(outcome == .taken)
        default: #expect(outcome == .fails(.notPaired))
        }
    }

    /// One side takes the other for paired and not the reverse: nobody gets at a folder.
    @Test(arguments: MessageType.allCases.filter { $0.rawValue >= MessageType.folderOffer.rawValue })
    func pairedOnOneSideOnly(type: MessageType) throws {
        var sampler = Sampler(seed: 7)
        for (left, right) in [(true, false), (false, true)] {
            var pair = try SessionPair.opened(leftPaired: left, rightPaired: right)
            #expect(try pair.rightForges(sampler.message(type)).failure == .notPaired)
            #expect(throws: WireError(.notPaired, "")) { try pair.right.send(sampler.message(type)) }
        }
    }

    /// Paired, and the message is about a folder that is not shared, or answers nothing.
    @Test(arguments: MessageType.allCases)
    func pairedOfUnknownFolder(type: MessageType) throws {
        var sampler = Sampler(seed: 8)
        var pair = try SessionPair.sharing()
        let message = sampler.message(type)
        let output = try pair.rightForges(message)
        let outcome = SessionTableTests.outcome(output)
        switch type {
        // Compression was not agreed on.
        case .hello, .paired, .compressed: #expect(outcome == .fails(.outOfState))
        case .pong, .joinReply, .barrierReached: #expect(outcome == .fails(.unrequested))
        case _ where SessionTableTests.answers.contains(type): #expect(outcome == .fails(.unrequested))
        case _ where message.folder != nil: #expect(outcome == .refused(.unknownFolder))
        default: #expect(outcome == .taken)
        }
        #expect(pair.left.isOver == (output.failure != nil || type == .close))
        if type == .contentRequest || type == .barrier { #expect(output.frames.count == 1) }
    }

    @Test(arguments: MessageType.allCases)
    func afterTheEndNothingHappens(type: MessageType) throws {
        var sampler = Sampler(seed: 9)
        var pair = try SessionPair.sharing()
        _ = try pair.rightSends(.close(Close(code: .goingAway, text: "")))
        #expect(pair.left.isOver && pair.right.isOver)
        #expect(try pair.rightForges(sampler.message(type)) == SessionOutput())
        #expect(throws: WireError(.outOfState, "")) { try pair.left.send(sampler.message(type)) }
    }

    @Test(arguments: MessageType.allCases)
    func sendingIsGuardedToo(type: MessageType) throws {
        var sampler = Sampler(seed: 10)
        var early = PeerSession(hello: SessionPair.hello("left"), isPaired: true, now: 0)
        #expect(throws: WireError(.outOfState, "")) { try early.send(sampler.message(type)) }
        var pair = try SessionPair.sharing()
        let message = sampler.message(type)
        if message.folder != nil {
            #expect(throws: WireError(.unknownFolder, "")) { try pair.left.send(message) }
        } else if SessionTableTests.answers.contains(type) || type == .joinReply || type == .cancelRequest {
            #expect(throws: WireError(.unrequested, "")) { try pair.left.send(message) }
        } else if [.hello, .pong, .paired, .compressed].contains(type) {
            #expect(throws: WireError(.outOfState, "")) { try pair.left.send(message) }
        } else {
            #expect(try pair.left.send(message).type == type.rawValue)
        }
    }
}
