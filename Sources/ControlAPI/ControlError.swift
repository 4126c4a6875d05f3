/// Why a call of the local API failed. Errors are equal if their codes are.
public struct ControlError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// What kind it is; part of the local interface.
    public enum Code: String, Hashable, Sendable, CaseIterable, Codable {
        // MARK: The question
        /// Words, values or a request that mean nothing.
        case malformed
        /// No such operation.
        case unknownOperation
        /// The request is longer than `ControlLimits.requestBytes`.
        case requestTooLong

        // MARK: The answer
        /// No folder, device, session or path of that name.
        case notFound
        /// The name fits several.
        case ambiguous
        /// A rule forbids it, or a person said no.
        case refused
        /// Too many attempts; later ones may succeed.
        case rateLimited
        /// What it would need didn't happen in the time given.
        case timedOut
        /// The disk, the network or a peer failed.
        case failed

        // MARK: The way to the agent
        /// No agent is running for this home.
        case noAgent
        /// An agent is already running for this home.
        case agentRunning
        /// The socket, or the home that it stands in, can't be used.
        case socketFailed
        /// The connection broke before the answer was complete.
        case connectionLost
        /// The answer isn't one of this version.
        case answerMalformed
        /// This program was built without the agent.
        case notAssembled
    }

    public let code: Code
    /// What happened, to what, and what to do.
    public let message: String

    public init(_ code: Code, _ message: String) {
        (self.code, self.message) = (code, message)
    }

    public var description: String { message }

    /// What the command line exits with.
    public var exitStatus: ExitStatus {
        switch code {
        case .timedOut: .negative
        case .malformed: .usage
        case .noAgent: .noAgent
        case .notFound, .ambiguous, .refused, .rateLimited, .agentRunning: .refused
        case .unknownOperation, .requestTooLong, .failed, .socketFailed, .connectionLost, .answerMalformed,
            .notAssembled:
            .failed
        }
    }

    public static func == (left: ControlError, right: ControlError) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    /// The one sentence of every command that finds no agent.
    public static let noAgent = ControlError(
        .noAgent, "no agent is running for this home; start one with: lanyard up")
}

/// What every command of `lanyard` exits with.
public enum ExitStatus: Int32, Hashable, Sendable, CaseIterable {
    /// Done, or the answer is yes.
    case success = 0
    /// The answer is no: not in sync, not ignored, not in time, a check failed.
    case negative = 1
    /// The command line can't be understood.
    case usage = 2
    /// No agent is running for this home.
    case noAgent = 3
    /// Understood and not done: not found, ambiguous, forbidden, refused by a person or a peer.
    case refused = 4
    /// Something failed: disk, network, socket, peer.
    case failed = 5
}
