internal import AvahiDiscovery
internal import Logging
internal import SyncEngine
internal import SyncModel
internal import WireProtocol

/// Devices nearby: announces this one through Avahi, and tells the machine of others.
final class NearbyHub: Sendable {
    private struct State {
        var discovery: Discovery?
        var port: UInt16 = 0
        var salt = HintSalt.random()
        var pairingName: String?
        var candidates: [DeviceID] = []
        var found: [DeviceHint: DiscoveredDevice] = [:]
        var state: DiscoveryState?
    }

    private let device: DeviceID
    private let engine: Engine
    private let logger: Logger
    private let state = Monitor(State())

    init(device: DeviceID, engine: Engine, logger: Logger) {
        (self.device, self.engine, self.logger) = (device, engine, logger)
    }

    /// Begins; without a daemon everything else works, and `problem` says what is lost.
    func start(port: UInt16) {
        do throws(DiscoveryError) {
            let discovery = try Discovery(device: device) { [self] event in take(event) }
            state.withLock { state in
                state.discovery = discovery
                state.port = port
            }
            announce(pairingName: nil)
        } catch {
            logger.warning("devices nearby are not looked for", metadata: ["error": "\(error)"])
        }
    }

    func stop() {
        state.withLock { state in
            defer { state.discovery = nil }
            return state.discovery
        }?.stop()
    }

    /// What is lost at present; nil while discovery works or is not wanted.
    var problem: String? {
        guard case .unavailable(let error) = state.withLock({ $0.state }) else { return nil }
        return error.message
    }

    var isWanted: Bool { state.withLock { $0.discovery != nil } }

    func announce(pairingName: String?) {
        state.withLock { state in
            state.pairingName = pairingName
            guard let discovery = state.discovery else { return }
            do throws(DiscoveryError) {
                discovery.announce(
                    try Announcement(
                        port: state.port, salt: state.salt, protocolVersion: UInt16(WireVersion.newest),
                        pairingName: pairingName))
            } catch {
                logger.error("this device is not announced", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Hints are matched with these devices; those found before are told anew.
    func match(_ candidates: [DeviceID]) {
        let found = state.withLock { state in
            state.candidates = candidates
            return Array(state.found.values)
        }
        for device in found { tell(device) }
    }

    private func take(_ event: DiscoveryEvent) {
        switch event {
        case .found(let found), .updated(let found):
            logger.debug(
                "a device nearby",
                metadata: [
                    "hint": "\(found.hint)", "addresses": "\(found.addresses)",
                    "pairing": "\(found.pairingName ?? "-")",
                ])
            state.withLock { $0.found[found.hint] = found }
            tell(found)
        case .lost(let hint):
            logger.debug("a device nearby is gone", metadata: ["hint": "\(hint)"])
            state.withLock { $0.found[hint] = nil }
            engine.post(.peers(.lost(NearbyKey(hint.description))))
        case .refused(let error): logger.debug("a service is passed over", metadata: ["error": "\(error)"])
        case .state(let new):
            state.withLock { $0.state = new }
            if case .unavailable(let error) = new {
                logger.warning("discovery is lost", metadata: ["error": "\(error)"])
            }
        }
    }

    private func tell(_ found: DiscoveredDevice) {
        let candidates = state.withLock { $0.candidates }
        engine.post(
            .peers(
                .discovered(
                    NearbyDevice(
                        key: NearbyKey(found.hint.description), device: candidates.first { found.hint.matches($0) },
                        addresses: found.addresses.map(\.description), pairingName: found.pairingName))))
    }
}
