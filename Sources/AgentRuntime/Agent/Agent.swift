internal import ControlAPI
internal import Cryptography
internal import Glibc
internal import Logging
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel
internal import TLSTransport
internal import WireProtocol

/// A whole agent: the one place that puts the parts together.
///
/// The machine decides (`Engine`); what it wants is carried out by the hubs: connections, folders, devices nearby, the
/// store. The control service answers people.
public final class Agent: Sendable {
    let options: AgentOptions
    let home: AgentHome
    let identity: Identity
    var device: DeviceID { identity.deviceID }
    let deviceName: String
    let engine: Engine
    let links: LinkHub
    let folders: FolderHub
    let nearby: NearbyHub
    let rates = RateMeter()
    let limits: RateLimiting
    let logger: Logger
    private let store: DeviceStore
    private let writer: StoreWriter
    private let machine: DeviceMachine
    private let budgets: [FolderID: DeletionBudget.Threshold]

    /// The port that is listened at unless another is asked for.
    public static let defaultPort: UInt16 = 22_077

    /// Makes ready; nothing runs yet. Blocks.
    /// - Throws: what stands in the way, as text for a person (`ControlError`).
    init(_ options: AgentOptions, logger: Logger) throws(ControlError) {
        self.options = options
        self.logger = logger
        do {
            // A person's folder must not fill with files of root. Where root is the only user there is no mistake to
            // make.
            if geteuid() == 0, getenv("SUDO_UID") != nil, !options.allowRoot {
                throw AgentError(
                    .root,
                    "the agent refuses to run as root by sudo: files would belong to root; add --allow-root if meant"
                )
            }
            home = try AgentHome(options.home)
            try home.checkRenewal()
            identity = try Identity.loadOrCreate(home: home.path)
            store = try home.openStore()
            try home.checkBinding(store)
            deviceName = try store.setting("name") ?? Self.hostName()
            engine = try Engine()
            limits = try RateLimiting(store)
            links = try LinkHub(
                identity: identity, engine: engine, deviceName: deviceName, limits: limits, logger: logger)
            folders = try FolderHub(
                engine: engine, home: home, device: identity.deviceID, start: SystemFile.machineStart(), logger: logger)
            nearby = NearbyHub(device: identity.deviceID, engine: engine, logger: logger)
            writer = try StoreWriter(store, logger: logger)
            let peers = PeersMachine(
                identity: Self.peersIdentity(identity, name: deviceName), store: try store.peersStore(),
                seed: Bytes32(SecureRandom.bytes(32)) ?? .zero)
            machine = DeviceMachine(peers: peers, collectionSeconds: Self.collectionSeconds) { SHA256.hash($0) }
            budgets = try Self.budgets(store, peers.folders)
        } catch let error as ControlError {
            throw error
        } catch let error as AgentError where error.code == .copied || error.code == .root {
            throw ControlError(.refused, error.message)
        } catch {
            throw ControlError(.failed, "\(error)")
        }
    }

    /// Listens, opens the folders, and connects.
    func start() throws(ControlError) {
        links.know(paired: Set(machine.peers.devices.filter { !$0.isRemoved }.map(\.device)), removed: [])
        let addresses = try listen()
        engine.start(machine) { [self] effect, machine in perform(effect, machine) }
        engine.post(.peers(.listening(links.listening)))
        for known in machine.peers.folders {
            guard let threshold = budgets[known.folder] else { continue }
            engine.post(.folder(known.folder, .setBudget(threshold)))
        }
        if options.discovery, let port = addresses.first?.port { nearby.start(port: port) }
    }

    /// Ends cleanly: says goodbye, finishes what is under way on each folder, closes everything.
    func stop() {
        nearby.stop()
        links.stop()
        folders.stop()
        engine.stop()
        writer.stop()
        do { try store.close() } catch { logger.error("the store was not closed", metadata: ["error": "\(error)"]) }
    }

    /// Remembers a folder's deletion budget; nothing is held back where it is off. Returns once it is durable.
    func keep(_ threshold: DeletionBudget.Threshold, of folder: FolderID) async throws(ControlError) {
        let text: String? =
            switch threshold {
            case .automatic: nil
            case .files(let number): String(number)
            case .off: "off"
            }
        try await keep([("deletion-budget \(folder)", text)])
    }

    /// Remembers settings. Returns once they are durable.
    func keep(_ settings: [(key: String, value: String?)]) async throws(ControlError) {
        for (key, value) in settings {
            let failure = await withCheckedContinuation { continuation in
                writer.set(key, to: value) { continuation.resume(returning: $0) }
            }
            if let failure { throw ControlError(.failed, "\(key) was not stored: \(failure)") }
        }
    }

    private func listen() throws(ControlError) -> [SocketAddress] {
        let wanted = options.listen
        do throws(TransportError) {
            if !wanted.isEmpty {
                var addresses: [SocketAddress] = []
                for text in wanted { addresses += try resolved(text) }
                return try links.listen(addresses)
            }
            let everywhere = SocketAddress(host: .ipv6(high: 0, low: 0, scope: 0), port: Self.defaultPort)
            do throws(TransportError) { return try links.listen([everywhere]) } catch {
                // Another agent on this machine has it, or there is no IPv6.
                let other = SocketAddress(host: .ipv4(0), port: 0)
                logger.notice(
                    "the usual port is taken", metadata: ["port": "\(Self.defaultPort)", "error": "\(error)"])
                return try links.listen([other])
            }
        } catch {
            throw ControlError(.failed, "\(error)")
        }
    }

    private func resolved(_ text: String) throws(TransportError) -> [SocketAddress] {
        let found = AddressResolver.resolve(text)
        if !found.isEmpty { return Array(found.prefix(1)) }
        return [try SocketAddress(text: text)]
    }

    private static func budgets(
        _ store: DeviceStore, _ folders: [KnownFolder]
    ) throws(IndexError) -> [FolderID: DeletionBudget.Threshold] {
        var budgets: [FolderID: DeletionBudget.Threshold] = [:]
        for known in folders {
            guard let text = try store.setting("deletion-budget \(known.folder)") else { continue }
            budgets[known.folder] = Int(text).map { .files($0) } ?? .off
        }
        return budgets
    }

    /// `LANYARD_FORGET_SECONDS`, for those who test; else as long as the design has it.
    private static var collectionSeconds: Int64 {
        let value = getenv("LANYARD_FORGET_SECONDS").flatMap { Int64(String(cString: $0)) }
        // Bounded, as it is added to times.
        return value.map { min(max(0, $0), 1 << 32) } ?? Limits.collectionSeconds
    }

    private static func hostName() -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count) == 0 else { return "device" }
        let name = String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let short = name.split(separator: ".").first.map { String($0) } ?? ""
        return short.isEmpty ? "device" : String(short.prefix(Limits.deviceNameBytes))
    }

    private static func peersIdentity(_ identity: Identity, name: String) -> PeersIdentity {
        let key = identity.key
        return PeersIdentity(
            device: identity.deviceID, name: name, publicKey: key.publicKeyInfo,
            sign: { (try? key.sign($0)) ?? [] },
            verify: { info, message, signature in
                PublicKey.verify(signature: signature, message: message, publicKeyInfo: info)
            })
    }

    // MARK: Effects

    /// On the engine's thread.
    private func perform(_ effect: DeviceEffect, _ machine: borrowing DeviceMachine) {
        switch effect {
        case .folder(let folder, let effect): folders.perform(effect, in: folder)
        case .waited(let command, let outcome): engine.answer(command, .waited(outcome))
        case .peers(let effect): perform(effect, machine)
        }
    }

    private func perform(_ effect: PeersEffect, _ machine: borrowing DeviceMachine) {
        switch effect {
        case .dial(let attempt, let target, let addresses): links.dial(attempt, target, addresses)
        case .send(let connection, let message): links.link(connection)?.send(message)
        case .markPaired(let connection):
            know(machine)
            links.link(connection)?.markPaired()
        case .close(let connection, let code, let text): links.link(connection)?.close(code, text)
        case .announce(let name): nearby.announce(pairingName: name)
        case .matchHints(let devices): nearby.match(devices)
        case .store(let ticket, let changes):
            writer.write(changes, ticket: ticket) { [engine] in engine.post(.peers($0)) }
        case .openFolder(let known): folders.open(known)
        case .folderChanged, .membersChanged: break
        case .closeFolder(let folder): folders.remove(folder)
        case .renewFolder(let folder): folders.renew(folder)
        case .rekeyFolder(let old, let known): folders.rekey(old, as: known)
        case .memberConnected(let folder, let device, let connection):
            if let link = links.link(connection) { folders.connected(device, link, to: folder) }
        case .memberDisconnected(let folder, let device, _): folders.disconnected(device, from: folder)
        case .reply(let command, let result): engine.answer(command, .peers(result))
        case .notice(let text): logger.notice("\(text)")
        }
        know(machine)
    }

    /// Who is let in.
    private func know(_ machine: borrowing DeviceMachine) {
        let devices = machine.peers.devices
        links.know(
            paired: Set(devices.filter { !$0.isRemoved }.map(\.device)),
            removed: Set(devices.filter(\.isRemoved).map(\.device)))
    }
}

/// Bytes a second, from what links have counted.
final class RateMeter: Sendable {
    private let state = Monitor(
        (at: UInt64(0), sent: UInt64(0), received: UInt64(0), rates: (sent: UInt64(0), received: UInt64(0))))

    /// About once a second.
    func sample(sent: UInt64, received: UInt64) {
        let now = MonotonicClock.milliseconds
        state.withLock { state in
            let elapsed = now - min(now, state.at)
            guard elapsed > 0 else { return }
            if state.at > 0 {
                state.rates = (
                    (sent - min(sent, state.sent)) * 1_000 / elapsed,
                    (received - min(received, state.received)) * 1_000 / elapsed
                )
            }
            (state.at, state.sent, state.received) = (now, sent, received)
        }
    }

    var rates: (sent: UInt64, received: UInt64) { state.withLock { $0.rates } }
}
