internal import SyncModel

/// How many connections and handshakes are let in. Strangers have their own small share, and each address its own
/// share of handshakes, so that a flood takes nothing from the others.
public struct ConnectionLimits: Sendable {
    public var connections = Limits.connections
    public var connectionsPerDevice = Limits.connectionsPerDevice
    public var unpairedConnections = Limits.unpairedConnections
    public var unpairedMilliseconds = Limits.unpairedSeconds * 1_000
    public var handshakes = Limits.handshakes
    public var handshakesPerSource = Limits.handshakesPerSource
    public var handshakeBurst = Limits.handshakeBurst
    public var handshakesPerSecond = Limits.handshakesPerSecond
    public var handshakeMilliseconds = Limits.handshakeMilliseconds

    public init() {}
}

/// The counts of one transport.
final class Admission: Sendable {
    /// Whose handshakes are counted together.
    private enum Source: Hashable {
        case ipv4(UInt32)
        /// A /64, which one host can fill at will.
        case ipv6(UInt64)
        /// All that no longer fit the table.
        case others
    }

    private struct SourceState {
        var handshakes = 0
        /// Thousandths of a handshake that may begin now.
        var balance: Int
        var updatedMilliseconds: UInt64
    }

    private enum Stage {
        case handshake(Source?)
        case established(DeviceID, paired: Bool)
        case released
    }

    private struct State {
        var connections = 0
        var handshakes = 0
        var unpaired = 0
        var devices: [DeviceID: Int] = [:]
        var sources: [Source: SourceState] = [:]
        var stages: [ObjectIdentifier: Stage] = [:]
        var controls: [ObjectIdentifier: ConnectionControl] = [:]
    }

    let limits: ConnectionLimits
    private let monitor = Monitor(State())

    init(_ limits: ConnectionLimits) { self.limits = limits }

    /// One connection's place, from before its handshake to its end; to be released exactly once.
    final class Slot: Sendable {
        fileprivate let admission: Admission
        fileprivate init(_ admission: Admission) { self.admission = admission }

        func establish(_ device: DeviceID, paired: Bool) throws(TransportError) {
            try admission.establish(self, device, paired: paired)
        }
        func markPaired() { admission.markPaired(self) }
        func release() { admission.release(self) }
    }

    /// A place for a connection that we begin.
    func admitOutgoing(_ control: ConnectionControl) throws(TransportError) -> Slot {
        try admit(control, source: nil, nowMilliseconds: 0)
    }

    /// A place for a connection that came from `address`. Throws `limitReached`.
    func admitIncoming(
        _ control: ConnectionControl, from address: SocketAddress, nowMilliseconds: UInt64
    ) throws(TransportError) -> Slot {
        try admit(control, source: address, nowMilliseconds: nowMilliseconds)
    }

    private func admit(
        _ control: ConnectionControl, source address: SocketAddress?, nowMilliseconds now: UInt64
    ) throws(TransportError) -> Slot {
        let slot = Slot(self)
        try monitor.withLock { state throws(TransportError) in
            guard state.connections < limits.connections else {
                throw Self.reached("\(limits.connections) connections are open")
            }
            var source: Source?
            if let address {
                guard state.handshakes < limits.handshakes else {
                    throw Self.reached("\(limits.handshakes) handshakes are under way")
                }
                source = try beginHandshake(address, now, &state)
                state.handshakes += 1
            }
            state.connections += 1
            state.stages[ObjectIdentifier(slot)] = .handshake(source)
            state.controls[ObjectIdentifier(slot)] = control
        }
        return slot
    }

    private static func reached(_ what: String) -> TransportError {
        .init(.limitReached, "The connection was refused: \(what).")
    }

    private func beginHandshake(
        _ address: SocketAddress, _ now: UInt64, _ state: inout State
    ) throws(TransportError) -> Source {
        let source = self.source(of: address, now, &state)
        let most = limits.handshakeBurst * 1_000
        var entry = state.sources[source] ?? SourceState(balance: most, updatedMilliseconds: now)
        refill(&entry, now)
        defer { state.sources[source] = entry }
        guard entry.balance >= 1_000 else { throw Self.reached("\(address) begins too many handshakes a second") }
        guard entry.handshakes < limits.handshakesPerSource else {
            throw Self.reached("\(address) has \(entry.handshakes) handshakes under way")
        }
        entry.balance -= 1_000
        entry.handshakes += 1
        return source
    }

    private func refill(_ entry: inout SourceState, _ now: UInt64) {
        let elapsed = Int(clamping: min(now - min(now, entry.updatedMilliseconds), 3_600_000))
        entry.balance = min(limits.handshakeBurst * 1_000, entry.balance + elapsed * limits.handshakesPerSecond)
        entry.updatedMilliseconds = now
    }

    private func source(of address: SocketAddress, _ now: UInt64, _ state: inout State) -> Source {
        let source: Source
        switch address.host {
        case .ipv4(let number): source = .ipv4(number)
        case .ipv6(let high, _, _): source = .ipv6(high)
        }
        if state.sources[source] != nil || state.sources.count < Limits.handshakeSources { return source }
        for (other, var entry) in state.sources {
            refill(&entry, now)
            if entry.handshakes == 0, entry.balance == limits.handshakeBurst * 1_000 {
                state.sources[other] = nil
            }
        }
        return state.sources.count < Limits.handshakeSources ? source : .others
    }

    private func endHandshake(_ source: Source?, _ state: inout State) {
        guard let source else { return }
        state.handshakes -= 1
        state.sources[source]?.handshakes -= 1
    }

    private func establish(_ slot: Slot, _ device: DeviceID, paired: Bool) throws(TransportError) {
        try monitor.withLock { state throws(TransportError) in
            guard case .handshake(let source) = state.stages[ObjectIdentifier(slot)] else { return }
            guard paired || state.unpaired < limits.unpairedConnections else {
                throw Self.reached("\(limits.unpairedConnections) unpaired devices are connected")
            }
            let count = state.devices[device] ?? 0
            guard count < limits.connectionsPerDevice else {
                throw Self.reached("device \(device.short) has \(count) connections")
            }
            endHandshake(source, &state)
            state.devices[device] = count + 1
            if !paired { state.unpaired += 1 }
            state.stages[ObjectIdentifier(slot)] = .established(device, paired: paired)
        }
    }

    private func markPaired(_ slot: Slot) {
        monitor.withLock { state in
            guard case .established(let device, false) = state.stages[ObjectIdentifier(slot)] else { return }
            state.unpaired -= 1
            state.stages[ObjectIdentifier(slot)] = .established(device, paired: true)
        }
    }

    private func release(_ slot: Slot) {
        monitor.announce { state in
            switch state.stages.removeValue(forKey: ObjectIdentifier(slot)) {
            case .handshake(let source): endHandshake(source, &state)
            case .established(let device, let paired):
                if !paired { state.unpaired -= 1 }
                let count = (state.devices[device] ?? 1) - 1
                state.devices[device] = count > 0 ? count : nil
            default: return
            }
            state.connections -= 1
            state.controls[ObjectIdentifier(slot)] = nil
        }
    }

    /// Connections and handshakes under way, of both directions.
    var count: Int { monitor.withLock { $0.connections } }

    /// Ends everything at once or gracefully, and waits; false if something is left at `deadline`.
    func endAll(_ ending: ConnectionControl.Ending, deadline: UInt64) -> Bool {
        let controls = monitor.withLock { Array($0.controls.values) }
        for control in controls { control.end(ending) }
        return monitor.wait(until: deadline) { $0.connections == 0 ? true : nil } ?? false
    }
}
