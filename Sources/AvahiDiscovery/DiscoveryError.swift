/// What went wrong in discovery. Errors are equal if their codes are.
public struct DiscoveryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The system's message bus can't be reached, hence neither can Avahi.
        case busAbsent
        /// The bus is there, the Avahi daemon is not.
        case daemonAbsent
        /// The daemon or the bus refuses this user.
        case accessDenied
        /// The daemon answers with an error that is none of the above.
        case daemonFailed
        /// Others are found, but the daemon doesn't publish this device.
        case publishRefused
        /// An announcement has a port of 0, or a name out of bounds or with control characters.
        case announcementMalformed
        /// A TXT record of a service breaks its specification.
        case textMalformed
        /// A service resolves to an address or port that can't be connected to.
        case addressMalformed
        /// More services than `Limits.discoveredServices` are announced: further ones are passed over.
        case tooManyServices
        /// No thread or memory for discovery.
        case systemFailed
    }

    public let code: Code
    /// What happened, to what, and what to do.
    public let message: String
    /// Avahi's error (negative) or errno (positive); 0 if there is none.
    public let cause: Int32

    public init(_ code: Code, _ message: String, cause: Int32 = 0) {
        (self.code, self.message, self.cause) = (code, message, cause)
    }

    public var description: String { message }

    public static func == (left: DiscoveryError, right: DiscoveryError) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

/// The sentences of `DiscoveryState.unavailable`: what is lost, why, and the command that mends it.
extension DiscoveryError {
    private static let lost = """
        Devices nearby are neither found nor told of this one; devices with a known or configured address still \
        connect.
        """

    static func busAbsent(_ detail: String, cause: Int32) -> DiscoveryError {
        DiscoveryError(
            .busAbsent,
            "The system message bus can't be reached (\(detail)). \(lost) Run: sudo systemctl start dbus avahi-daemon",
            cause: cause)
    }

    static let daemonAbsent = DiscoveryError(
        .daemonAbsent,
        """
        The Avahi daemon is not running. \(lost) Run: sudo systemctl enable --now avahi-daemon \
        (if it isn't installed: sudo apt install avahi-daemon)
        """)

    static func accessDenied(cause: Int32) -> DiscoveryError {
        DiscoveryError(
            .accessDenied,
            """
            The Avahi daemon refuses this user. \(lost) Check the policy of org.freedesktop.Avahi in \
            /usr/share/dbus-1/system.d/avahi-dbus.conf, then run: sudo systemctl reload dbus
            """, cause: cause)
    }

    static func daemonFailed(_ detail: String, cause: Int32) -> DiscoveryError {
        DiscoveryError(
            .daemonFailed,
            "The Avahi daemon failed (\(detail)). \(lost) Run: sudo systemctl restart avahi-daemon", cause: cause)
    }

    static func publishRefused(_ detail: String, cause: Int32) -> DiscoveryError {
        DiscoveryError(
            .publishRefused,
            """
            The Avahi daemon doesn't announce this device (\(detail)): others must know its address or be found by it. \
            Set disable-publishing=no and disable-user-service-publishing=no in /etc/avahi/avahi-daemon.conf, then \
            run: sudo systemctl restart avahi-daemon
            """, cause: cause)
    }
}
