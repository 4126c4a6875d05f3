import ControlAPI
import Hummingbird
import HTTPTypes

/// Binds operations to the agent.
struct ControlRoutes {
    let router = Router(context: ControlContext.self)

    init(_ control: any AgentControl) {
        router.addMiddleware { AnswerMiddleware() }
        addAgent(control)
        addFolders(control)
        addPairing(control)
        addDevicesAndPaths(control)
    }

    private func addAgent(_ control: any AgentControl) {
        serve(Operations.version) { _ async throws(ControlError) in try await control.version() }
        serve(Operations.status) { _ async throws(ControlError) in try await control.status() }
        serve(Operations.problems) { _ async throws(ControlError) in try await control.problems() }
        serve(Operations.doctor) { _ async throws(ControlError) in try await control.doctor() }
        serve(Operations.wait) { request async throws(ControlError) in
            try ControlLimits.check(timeoutSeconds: request.timeoutSeconds)
            return try await control.wait(request)
        }
        serve(Operations.rateLimits) { _ async throws(ControlError) in try await control.rateLimits() }
        serve(Operations.setRateLimits) { limits async throws(ControlError) in try await control.setRateLimits(limits) }
        serve(Operations.stop) { _ async throws(ControlError) in
            try await control.stop()
            return Nothing()
        }
    }

    private func addFolders(_ control: any AgentControl) {
        serve(Operations.folders) { _ async throws(ControlError) in try await control.folders() }
        serve(Operations.addFolder) { request async throws(ControlError) in try await control.addFolder(request) }
        serve(Operations.removeFolder) { folder async throws(ControlError) in
            try await control.removeFolder(folder)
            return Nothing()
        }
        serve(Operations.pauseFolder) { folder async throws(ControlError) in try await control.pauseFolder(folder) }
        serve(Operations.resumeFolder) { folder async throws(ControlError) in try await control.resumeFolder(folder) }
        serve(Operations.shareFolder) { request async throws(ControlError) in
            try await control.shareFolder(request)
            return Nothing()
        }
        serve(Operations.acceptFolder) { request async throws(ControlError) in try await control.acceptFolder(request) }
        serve(Operations.releaseFolder) { folder async throws(ControlError) in try await control.releaseFolder(folder) }
        serve(Operations.discardFolder) { folder async throws(ControlError) in try await control.discardFolder(folder) }
        serve(Operations.folderChanges) { folder async throws(ControlError) in try await control.folderChanges(folder) }
        serve(Operations.revertFolder) { request async throws(ControlError) in try await control.revertFolder(request) }
        serve(Operations.setDeletionBudget) { request async throws(ControlError) in
            try await control.setDeletionBudget(request)
        }
    }

    private func addPairing(_ control: any AgentControl) {
        serve(Operations.invite) { request async throws(ControlError) in try await control.invite(request) }
        serve(Operations.join) { request async throws(ControlError) in try await control.join(request) }
        serve(Operations.devicesNearby) { _ async throws(ControlError) in try await control.devicesNearby() }
        serve(Operations.startPairing) { request async throws(ControlError) in
            try ControlLimits.check(timeoutSeconds: request.timeoutSeconds)
            return try await control.startPairing(request)
        }
        serve(Operations.pairingSessions) { _ async throws(ControlError) in try await control.pairingSessions() }
        serve(Operations.confirmPairing) { request async throws(ControlError) in
            try await control.confirmPairing(request)
        }
        serve(Operations.cancelPairing) { session async throws(ControlError) in
            try await control.cancelPairing(session)
            return Nothing()
        }
    }

    private func addDevicesAndPaths(_ control: any AgentControl) {
        serve(Operations.devices) { _ async throws(ControlError) in try await control.devices() }
        serve(Operations.removeDevice) { device async throws(ControlError) in
            try await control.removeDevice(device)
            return Nothing()
        }
        serve(Operations.renameDevice) { request async throws(ControlError) in try await control.renameDevice(request) }
        serve(Operations.why) { query async throws(ControlError) in try await control.why(query) }
        serve(Operations.conflicts) { _ async throws(ControlError) in try await control.conflicts() }
        serve(Operations.history) { query async throws(ControlError) in try await control.history(query) }
        serve(Operations.restore) { request async throws(ControlError) in try await control.restore(request) }
        serve(Operations.checkIgnore) { query async throws(ControlError) in try await control.checkIgnore(query) }
    }

    /// A client that goes away cancels its call.
    private func serve<Question, Answer>(
        _ operation: Operation<Question, Answer>,
        _ answer: @escaping @Sendable (Question) async throws(ControlError) -> Answer
    ) {
        let method: HTTPRequest.Method = operation.method == .get ? .get : .post
        router.on(RouterPath(operation.path), method: method) { request, _ in
            try await request.body.consumeWithCancellationOnInboundClose { body in
                let buffer = try await body.collect(upTo: ControlLimits.requestBytes)
                let bytes = operation.method == .get ? Array("{}".utf8) : Array(buffer.readableBytesView)
                let question = try ControlJSON.value(Question.self, from: bytes, orThrow: .malformed)
                return AnswerMiddleware.response(status: 200, body: try ControlJSON.bytes(try await answer(question)))
            }
        }
    }
}
