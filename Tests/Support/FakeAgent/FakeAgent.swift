public import ControlAPI
import Synchronization

/// An agent that syncs nothing: it notes every question as a line, and answers with `Samples` or with an error.
public final class FakeAgent: Sendable {
    /// How it answers.
    public enum Mood: Sendable, Equatable {
        /// With the samples.
        case content
        /// With nothing in any list.
        case empty
        /// That nothing is in sync or right.
        case unhappy
    }

    private struct State {
        var mood = Mood.content
        var failure: ControlError?
        /// Calls that are still answered before `failure` holds.
        var callsBeforeFailure = 0
        var questions: [String] = []
        var given = 0
    }

    private let state = Mutex(State())
    private let noticed: AsyncStream<String>
    private let notice: AsyncStream<String>.Continuation

    public init() { (noticed, notice) = AsyncStream.makeStream() }

    public func become(_ mood: Mood) { state.withLock { $0.mood = mood } }

    /// Every call after the next `calls` ones throws `error`; nil: none does.
    public func fail(with error: ControlError?, after calls: Int = 0) {
        state.withLock { ($0.failure, $0.callsBeforeFailure) = (error, calls) }
    }

    /// What was asked since the last time: `operation {its question in JSON}`.
    public func takeQuestions() -> [String] {
        state.withLock { state in
            defer { state.questions = [] }
            return state.questions
        }
    }

    /// Waits until `wait` for `forever` has begun (`begun`) or was cancelled (`cancelled`).
    public func next() async -> String? {
        for await word in noticed { return word }
        return nil
    }

    var mood: Mood { state.withLock { $0.mood } }

    func ask(_ operation: String) throws(ControlError) { try ask(operation, text: "") }

    func ask(_ operation: String, _ question: some Encodable) throws(ControlError) {
        try ask(operation, text: " " + ControlJSON.text(question))
    }

    private func ask(_ operation: String, text: String) throws(ControlError) {
        let failure = state.withLock { state in
            state.questions.append(operation + text)
            guard state.failure != nil, state.callsBeforeFailure > 0 else { return state.failure }
            state.callsBeforeFailure -= 1
            return nil
        }
        if let failure { throw failure }
    }

    /// A state of a pairing that moves on with every question.
    func nextPairingState() -> PairingState {
        state.withLock { state in
            state.given += 1
            return state.given < 2 ? .confirmed : .paired
        }
    }

    /// Ends when the call is cancelled only.
    func waitForever() async {
        notice.yield("begun")
        let (never, end) = AsyncStream<Void>.makeStream()
        for await _ in never {}
        withExtendedLifetime(end) {}
        notice.yield("cancelled")
    }
}
