internal import SyncModel

/// Decides what the daemon must hold of this device: wishes and the daemon's answers in, one action out.
struct Publication {
    struct Service: Hashable, Sendable {
        var name: String
        var port: UInt16
        var strings: [[UInt8]]
    }

    enum Action: Hashable, Sendable {
        case nothing
        case withdraw
        /// In place of what is held, if anything.
        case register(Service)
        /// The name and port that are held get these strings.
        case updateText(Service)
    }

    private let device: DeviceID
    private var wanted: (name: String, service: Service)?
    private var held: Service?
    private var serverRuns = false

    init(device: DeviceID) { self.device = device }

    /// A name taken in a collision stays until another one is asked for.
    mutating func want(_ announcement: Announcement?) -> Action {
        guard let announcement else {
            wanted = nil
            return next()
        }
        let (name, text) = announcement.published(by: device)
        let actual = wanted.flatMap { $0.name == name ? $0.service.name : nil } ?? name
        wanted = (name, Service(name: actual, port: announcement.port, strings: text.strings))
        return next()
    }

    /// Services may only be published while the daemon's host name stands.
    mutating func server(runs: Bool) -> Action {
        serverRuns = runs
        return next()
    }

    /// The name belongs to another service; the daemon holds nothing any more.
    mutating func collided(alternative: (String) -> String) -> Action {
        held = nil
        if let taken = wanted?.service.name { wanted?.service.name = alternative(taken) }
        return next()
    }

    /// The daemon refused the last action, or dropped what it held; it is `next` that tries again.
    mutating func failed() { held = nil }

    /// A new session begins with nothing held.
    mutating func sessionEnded() {
        held = nil
        serverRuns = false
    }

    /// What is to be done for the daemon to hold what is wanted; taken as done.
    mutating func next() -> Action {
        let target = serverRuns ? wanted?.service : nil
        guard target != held else { return .nothing }
        let before = held
        held = target
        guard let target else { return .withdraw }
        let sameService = before?.name == target.name && before?.port == target.port
        return sameService ? .updateText(target) : .register(target)
    }
}
