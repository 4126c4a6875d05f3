/// The agent as a blocking program sees it: the operations of `AgentControl` over the socket of a home.
///
/// Every call makes its own connection, and may block as long as the operation takes.
public struct ControlClient: Sendable {
    private let home: String

    public init(home: String) { self.home = home }

    func ask<Question, Answer>(
        _ operation: Operation<Question, Answer>, _ question: Question,
        withinSeconds seconds: Double = ControlLimits.ordinarySeconds
    ) throws(ControlError) -> Answer {
        let socket = try HomeSocket(reaching: home)
        let body = operation.method == .get ? nil : try ControlJSON.bytes(question)
        let transfer = try CurlTransfer(socketPath: socket.path, path: operation.path, body: body)
        let (status, answer) = try transfer.perform(withinSeconds: seconds)
        guard status == 200 else {
            throw try ControlJSON.value(ControlError.self, from: answer, orThrow: .answerMalformed)
        }
        return try ControlJSON.value(Answer.self, from: answer, orThrow: .answerMalformed)
    }
}
