internal import CAvahi
public import SyncModel
internal import Synchronization

/// Finds devices on the local network and announces this one, through the Avahi daemon.
///
/// It survives everything: no daemon, no bus, both going and coming. What is lost meanwhile is told as a state.
/// A thread of its own does all the work, and calls the observer.
public final class Discovery: Sendable {
    private let mailbox: DiscoveryMailbox
    private let thread: DiscoveryThread
    private let joined = Mutex(false)

    /// Starts at once. Announces nothing until `announce`.
    ///
    /// - Parameters:
    ///   - device: this device; services with a hint of it are passed over.
    ///   - observer: called on discovery's thread, one event at a time; it must be quick, and must not call `stop`.
    /// - Throws: `systemFailed`.
    public init(device: DeviceID, observer: @escaping @Sendable (DiscoveryEvent) -> Void) throws(DiscoveryError) {
        guard let pointer = avahi_simple_poll_new() else {
            throw DiscoveryError(.systemFailed, "No memory or descriptors for discovery.")
        }
        let poll = DiscoveryMailbox.Poll(pointer: pointer)
        let mailbox = DiscoveryMailbox(poll: poll)
        self.mailbox = mailbox
        do {
            thread = try DiscoveryThread {
                DiscoveryLoop(device: device, poll: poll, mailbox: mailbox, observer: observer).run()
            }
        } catch {
            avahi_simple_poll_free(pointer)
            throw error
        }
    }

    deinit {
        if joined.withLock({ $0 }) { return }
        mailbox.stop()
        thread.detach()
    }

    /// Publishes `announcement` in place of the present one, as soon as a daemon is there; nil withdraws it. Changes of
    /// the salt or of pairing keep the service in place, unless its name comes from the hint.
    public func announce(_ announcement: Announcement?) { mailbox.announce(announcement) }

    /// Withdraws the announcement and ends the thread; no event comes afterwards. May wait for a call to the daemon
    /// that is under way (25 s at most if it hangs). Further calls do nothing.
    public func stop() {
        precondition(!thread.isCurrent, "stop was called by discovery's observer")
        joined.withLock { joined in
            guard !joined else { return }
            joined = true
            mailbox.stop()
            thread.join()
        }
    }
}
