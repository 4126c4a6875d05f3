public import SyncModel

/// One pairing over one TLS session, by numeric comparison (rule 17): a value machine, messages and answers in,
/// messages and steps out.
///
/// The responder commits to its nonce Nb before it learns Na, and the initiator sends Na before it learns Nb, so
/// neither, nor somebody between them, can choose a nonce to fit a wanted code. A pair comes about only when a person
/// said yes here and the other side's authenticated yes came; nothing that is received counts as a yes of this side.
///
/// Use one value an attempt, with a fresh random nonce. After a `Step` that ends it, every call is refused.
public struct PairingExchange: Hashable, Sendable {
    /// What a call leads to, in this order.
    public enum Step: Hashable, Sendable {
        /// Send this to the other side.
        case send(Message)
        /// Show these six digits, and ask.
        case showCode(String)
        /// Both sides said yes: commit the pair. These are the other side's folders.
        case paired(folders: [PairFolder])
        /// It is over, without a pair. `byPeer` tells whose doing it is.
        case ended(PairCancelReason, byPeer: Bool)
    }

    private enum State: Hashable, Sendable {
        case idle
        /// Initiator: request sent.
        case awaitingCommit
        /// Responder: commitment sent.
        case awaitingNonce
        /// Initiator: Na sent; the commitment that Nb must fit.
        case awaitingReveal(Bytes32)
        /// The code is shown.
        case comparing(PairingTranscript, Answers)
        case over
    }

    /// The yeses so far.
    private struct Answers: Hashable, Sendable {
        var local = false
        var remote: [PairFolder]?
    }

    private let local: DeviceID
    private let peer: DeviceID
    private let nonce: Bytes32
    private let exporter: Bytes32
    private var isInitiator = false
    private var state = State.idle

    /// - Parameters:
    ///   - nonce: 32 random bytes, drawn for this value and never used again.
    ///   - exporter: See `PairingTranscript.exporter`.
    public init(local: DeviceID, peer: DeviceID, nonce: Bytes32, exporter: Bytes32) {
        self.local = local
        self.peer = peer
        self.nonce = nonce
        self.exporter = exporter
    }

    public var isOver: Bool { state == .over }

    /// The six digits, once they are known and until it is over.
    public var code: String? { if case .comparing(let transcript, _) = state { transcript.code } else { nil } }

    /// Whether this side's nonce is known to the other, or on its way: the other may be showing the code.
    public var isDisclosed: Bool {
        switch state {
        case .awaitingReveal, .comparing: true
        case .idle, .awaitingCommit, .awaitingNonce, .over: false
        }
    }

    // MARK: This side

    /// Begins as initiator.
    public mutating func start() throws(WireError) -> [Step] {
        guard state == .idle else { throw outOfState("A pairing is begun twice.") }
        isInitiator = true
        state = .awaitingCommit
        return [.send(.pairRequest(PairRequest()))]
    }

    /// A person compared the codes: yes, with these folders to share, sorted; or no.
    public mutating func answer(_ accepted: Bool, folders: [PairFolder]) throws(WireError) -> [Step] {
        guard case .comparing(let transcript, var answers) = state, !answers.local else {
            throw outOfState("There is no code to answer to.")
        }
        let folders = accepted ? folders : []
        let authenticator = try transcript.authenticator(
            ofInitiator: isInitiator, accepted: accepted, folders: folders)
        let confirm = PairConfirm(accepted: accepted, authenticator: authenticator, folders: folders)
        guard accepted else {
            state = .over
            return [.send(.pairConfirm(confirm)), .ended(.declined, byPeer: false)]
        }
        answers.local = true
        state = .comparing(transcript, answers)
        return [.send(.pairConfirm(confirm))] + completed(answers)
    }

    /// Gives it up.
    public mutating func cancel(_ reason: PairCancelReason) -> [Step] {
        guard state != .over else { return [] }
        state = .over
        return [.send(.pairCancel(PairCancel(reason: reason))), .ended(reason, byPeer: false)]
    }

    // MARK: The other side

    /// Takes a pairing message. Throws on one that does not belong here; the pairing is over then.
    public mutating func receive(_ message: Message) throws(WireError) -> [Step] {
        switch (message, state) {
        case (.pairRequest, .idle): return respond()
        case (.pairRequest, .awaitingCommit):
            // Both began: the smaller ID stays initiator, and the other forgets its own request.
            if local < peer { return [] }
            isInitiator = false
            return respond()
        case (.pairCommit(let commit), .awaitingCommit):
            state = .awaitingReveal(commit.commitment)
            return [.send(.pairNonce(PairNonce(nonce: nonce)))]
        case (.pairNonce(let initiatorNonce), .awaitingNonce):
            let steps = compare(initiatorNonce: initiatorNonce.nonce, responderNonce: nonce)
            return [.send(.pairReveal(PairReveal(nonce: nonce)))] + steps
        case (.pairReveal(let reveal), .awaitingReveal(let commitment)):
            let expected = PairingTranscript.commitment(
                initiator: local, responder: peer, responderNonce: reveal.nonce, exporter: exporter)
            guard expected == commitment, reveal.nonce != nonce else { return cancel(.mismatch) }
            return compare(initiatorNonce: nonce, responderNonce: reveal.nonce)
        case (.pairConfirm(let confirm), .comparing(let transcript, let answers)) where answers.remote == nil:
            return try take(confirm, transcript, answers)
        case (.pairCancel(let cancel), _) where state != .over && state != .idle:
            state = .over
            return [.ended(cancel.reason, byPeer: true)]
        default:
            state = .over
            throw outOfState("The \(message.type) does not belong to this moment of the pairing.")
        }
    }

    private mutating func respond() -> [Step] {
        state = .awaitingNonce
        let commitment = PairingTranscript.commitment(
            initiator: peer, responder: local, responderNonce: nonce, exporter: exporter)
        return [.send(.pairCommit(PairCommit(commitment: commitment)))]
    }

    private mutating func compare(initiatorNonce: Bytes32, responderNonce: Bytes32) -> [Step] {
        let transcript = PairingTranscript(
            initiator: isInitiator ? local : peer, responder: isInitiator ? peer : local,
            initiatorNonce: initiatorNonce, responderNonce: responderNonce, exporter: exporter)
        state = .comparing(transcript, Answers())
        return [.showCode(transcript.code)]
    }

    private mutating func take(
        _ confirm: PairConfirm, _ transcript: PairingTranscript, _ answers: Answers
    ) throws(WireError) -> [Step] {
        let expected = try transcript.authenticator(
            ofInitiator: !isInitiator, accepted: confirm.accepted, folders: confirm.folders)
        guard expected == confirm.authenticator else { return cancel(.mismatch) }
        guard confirm.accepted else {
            state = .over
            return [.ended(.declined, byPeer: true)]
        }
        var answers = answers
        answers.remote = confirm.folders
        state = .comparing(transcript, answers)
        return completed(answers)
    }

    private mutating func completed(_ answers: Answers) -> [Step] {
        guard answers.local, let folders = answers.remote else { return [] }
        state = .over
        return [.paired(folders: folders)]
    }

    private func outOfState(_ message: String) -> WireError { WireError(.outOfState, message) }
}
