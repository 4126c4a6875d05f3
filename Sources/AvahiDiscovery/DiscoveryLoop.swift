internal import CAvahi
internal import SyncModel

/// The thread's loop: takes orders and Avahi's inputs, lets the value machines decide, acts.
final class DiscoveryLoop {
    private let mailbox: DiscoveryMailbox
    private let poll: OpaquePointer
    private let observer: @Sendable (DiscoveryEvent) -> Void
    let inputs = AvahiInputs()
    var session: AvahiSession?
    var table: DiscoveryTable
    var publication: Publication
    /// Services that the browser shows, and when to resolve those again that don't.
    var followed: [ServiceKey: Retry] = [:]
    private var reconnect = Retry()
    var republish = Retry(leastMilliseconds: 1_000)
    /// Why the client doesn't work, and why the daemon doesn't publish.
    private var clientFailure: DiscoveryError?
    var publishFailure: DiscoveryError?
    private var reported: DiscoveryState?

    init(
        device: DeviceID, poll: DiscoveryMailbox.Poll, mailbox: DiscoveryMailbox,
        observer: @escaping @Sendable (DiscoveryEvent) -> Void
    ) {
        self.poll = poll.pointer
        self.mailbox = mailbox
        self.observer = observer
        table = DiscoveryTable(own: device)
        publication = Publication(device: device)
    }

    /// Until it is told to stop; frees the poll.
    func run() {
        connect()
        while true {
            handleInputs()
            let orders = mailbox.take()
            if orders.stops { break }
            if let announcement = orders.announcement { want(announcement) }
            runDue(now: monotonicMilliseconds())
            handleInputs()
            report()
            wait()
        }
        session = nil
        mailbox.close()
        avahi_simple_poll_free(poll)
    }

    func emit(_ events: [DiscoveryEvent]) { events.forEach(observer) }

    /// Drops the client with all that hangs on it, and makes another one later.
    func disconnect(_ error: DiscoveryError) {
        session = nil
        _ = inputs.takeAll()
        followed = [:]
        publication.sessionEnded()
        republish.succeeded()
        publishFailure = nil
        clientFailure = error
        emit(table.removedAll())
        reconnect.failed(now: monotonicMilliseconds())
    }

    private func connect() {
        do { session = try AvahiSession(poll: poll, inputs: inputs) } catch { disconnect(error) }
    }

    private func want(_ announcement: Announcement?) {
        if announcement == nil {
            // What isn't wanted can't be refused.
            publishFailure = nil
            republish.succeeded()
        }
        perform(publication.want(announcement))
    }

    private func handleInputs() {
        while true {
            let waiting = inputs.takeAll()
            if waiting.isEmpty { return }
            for input in waiting {
                // What is left speaks of objects that are gone.
                guard session != nil else { break }
                handle(input)
            }
        }
    }

    func handleClient(_ state: AvahiClientState, error: Int32) {
        switch state {
        case AVAHI_CLIENT_CONNECTING: clientFailure = .daemonAbsent
        case AVAHI_CLIENT_S_RUNNING, AVAHI_CLIENT_S_REGISTERING, AVAHI_CLIENT_S_COLLISION:
            clientFailure = nil
            reconnect.succeeded()
            if let failure = session?.browse(), failure < 0 { return disconnect(AvahiSession.failure(failure)) }
            perform(publication.server(runs: state == AVAHI_CLIENT_S_RUNNING))
        default: disconnect(AvahiSession.failure(error))
        }
    }

    private func runDue(now: UInt64) {
        if reconnect.take(now: now) { connect() }
        if republish.take(now: now) { perform(publication.next()) }
        for key in followed.keys where followed[key]?.take(now: now) == true { resolve(key) }
    }

    private func report() {
        let failure = clientFailure ?? publishFailure
        let state = failure.map { DiscoveryState.unavailable($0) } ?? .running
        if state != reported { observer(.state(state)) }
        reported = state
    }

    /// Until Avahi or another thread has something, or an attempt is due.
    private func wait() {
        let due = ([reconnect.due, republish.due] + followed.values.map(\.due)).compactMap { $0 }.min()
        let now = monotonicMilliseconds()
        let pause = due.map { Int32(clamping: $0 > now ? $0 - now : 0) } ?? -1
        guard mailbox.wait(poll, milliseconds: pause) != 0, session != nil else { return }
        // The poll of the client's descriptors failed: they go with the client.
        disconnect(.daemonFailed("its descriptors can't be polled", cause: 0))
    }
}
