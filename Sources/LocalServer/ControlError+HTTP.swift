import ControlAPI

extension ControlError.Code {
    /// The HTTP status that carries it. The code itself is in the body.
    var httpStatus: Int {
        switch self {
        case .malformed: 400
        case .refused: 403
        case .notFound, .unknownOperation: 404
        case .ambiguous, .agentRunning: 409
        case .requestTooLong: 413
        case .rateLimited: 429
        case .timedOut: 504
        case .failed, .noAgent, .socketFailed, .connectionLost, .answerMalformed, .notAssembled: 500
        }
    }
}
