internal import ControlAPI
internal import SyncCore
internal import SyncEngine
internal import SyncModel

/// Pairings that were begun from here, with how they ended: those that are over are remembered for a while.
final class PairingLog: Sendable {
    private struct Entry {
        var session: PairingSession
        var ended: Bool
        /// What this side said that it shares.
        var folder: FolderID?
    }

    private let state = Monitor([String: Entry]())

    func note(_ session: PairingSession, ended: Bool, folder: FolderID? = nil) {
        state.withLock { state in
            let wanted = folder ?? state[session.session]?.folder
            state[session.session] = Entry(session: session, ended: ended, folder: wanted)
            if state.count > 64, let oldest = state.values.min(by: { $0.session.expires < $1.session.expires }) {
                state[oldest.session.session] = nil
            }
        }
    }

    /// This side said yes; unless it has ended meanwhile.
    func confirm(_ session: String) {
        state.withLock { state in
            if state[session]?.ended == false { state[session]?.session.state = .confirmed }
        }
    }

    func end(_ session: String, as new: PairingState) {
        state.withLock { state in
            guard state[session]?.ended == false else { return }
            state[session]?.session.state = new
            state[session]?.ended = true
        }
    }

    /// All that are known; those that the machine no longer has under way and that did not end otherwise expired.
    func sessions(underWay: [PairingSession]) -> [PairingSession] {
        let present = Set(underWay.map(\.session))
        return state.withLock { state in
            for (name, entry) in state
            where !entry.ended && !present.contains(name) && entry.session.state != .confirmed {
                state[name]?.session.state = .expired
                state[name]?.ended = true
            }
            let others = state.values.map(\.session).filter { !present.contains($0.session) }
            return (underWay + others).sorted { $0.session < $1.session }
        }
    }

    func folder(of session: String) -> FolderID? { state.withLock { $0[session]?.folder } }

    func session(_ name: String) -> PairingSession? { state.withLock { $0[name]?.session } }
}

extension AgentService {
    func devicesNearby() async throws(ControlError) -> [ControlAPI.NearbyDevice] {
        try await read { $0.peers.pairable }.map {
            ControlAPI.NearbyDevice(name: $0.pairingName ?? "", address: $0.addresses.first ?? "", pairing: true)
        }
    }

    func startPairing(_ request: PairingRequest) async throws(ControlError) -> PairingSession {
        guard request.role == .readWrite else {
            throw ControlError(
                .refused,
                """
                devices that pair by code are equals; to give one another role, use: \
                lanyard invite --role \(request.role.rawValue)
                """)
        }
        var wanted: FolderID?
        if let selector = request.folder { wanted = try await folder(selector).folder }
        let outcome = await limited(seconds: request.timeoutSeconds) { () async throws(ControlError) in
            try await self.command(.startPairing(request.device))
        }
        guard let outcome else {
            throw ControlError(
                .timedOut, "no other device came to pair; run 'lanyard pair' on it, too, on the same network")
        }
        guard case .pairing(let view) = try outcome.get(), let session = PairingSession(view) else {
            throw Self.unexpected
        }
        sessions.note(session, ended: false, folder: wanted)
        return session
    }

    func pairingSessions() async throws(ControlError) -> [PairingSession] {
        guard case .pairings(let views) = try await command(.listPairings) else { throw Self.unexpected }
        let underWay = views.compactMap { PairingSession($0) }
        for session in underWay { sessions.note(session, ended: false) }
        return sessions.sessions(underWay: underWay)
    }

    func confirmPairing(_ request: PairingConfirmation) async throws(ControlError) -> PairingSession {
        guard let number = UInt64(request.session) else {
            throw ControlError(.notFound, "there is no pairing \(request.session); see 'lanyard pair list'")
        }
        _ = try await pairingSessions()
        let answer: PairingAnswer = request.code.map { .code($0) } ?? .no
        let log = sessions
        let folder = log.folder(of: request.session)
        // The other side's answer may take minutes: this one's is given, and the rest noted when it comes.
        let confirming = Task { () async -> Result<PeersReply, ControlError> in
            do throws(ControlError) {
                let reply = try await self.command(.confirmPairing(session: number, answer, folder: folder))
                log.end(request.session, as: request.code == nil ? .refused : .paired)
                return .success(reply)
            } catch {
                log.end(request.session, as: error.code == .timedOut ? .expired : .refused)
                return .failure(error)
            }
        }
        let outcome = await Self.outcome(of: confirming, within: 0.5)
        if request.code == nil { log.end(request.session, as: .refused) }
        if case .failure(let error)? = outcome { throw error }
        guard var session = log.session(request.session) else {
            throw ControlError(.notFound, "there is no pairing \(request.session); see 'lanyard pair list'")
        }
        if outcome == nil, session.state == .comparing {
            session.state = .confirmed
            log.confirm(request.session)
        }
        return session
    }

    func cancelPairing(_ selector: PairingSelector) async throws(ControlError) {
        guard let number = UInt64(selector.session) else {
            throw ControlError(.notFound, "there is no pairing \(selector.session)")
        }
        _ = try await command(.cancelPairing(session: number))
        sessions.end(selector.session, as: .refused)
    }

    /// What a task gives, or nil if that takes longer; it goes on then. (A task group would wait for it.)
    private static func outcome<Value: Sendable>(
        of task: Task<Value, Never>, within seconds: Double
    ) async -> Value? {
        let (outcomes, first) = AsyncStream<Value?>.makeStream()
        let timer = Task {
            try? await Task.sleep(for: .seconds(seconds))
            first.yield(nil)
        }
        defer { timer.cancel() }
        Task { first.yield(await task.value) }
        for await outcome in outcomes { return outcome }
        return nil
    }

    /// What `body` gives, or nil if that takes longer; then it is cancelled.
    private func limited<Value: Sendable>(
        seconds: Double, _ body: @escaping @Sendable () async throws(ControlError) -> Value
    ) async -> Result<Value, ControlError>? {
        await withTaskGroup(of: Result<Value, ControlError>?.self) { group in
            group.addTask {
                do throws(ControlError) { return .success(try await body()) } catch { return .failure(error) }
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(max(0, min(seconds, 1_000_000))))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}

extension PairingSession {
    /// Nil while the code is not known.
    init?(_ view: PairingView) {
        guard let code = view.code, let peer = view.peer else { return nil }
        self.init(
            session: String(view.session), code: code,
            peer: PairingPeer(id: peer.description, name: view.peerName ?? peer.short),
            expires: Timestamp(seconds: view.expiresSeconds), state: view.isConfirmed ? .confirmed : .comparing)
    }
}
