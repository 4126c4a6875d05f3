import Glibc
import NIOCore

/// Who is at the other end of a Unix socket: `struct ucred`, which Glibc's module doesn't import.
struct PeerCredentials {
    var process: Int32 = 0
    var user: UInt32 = .max
    var group: UInt32 = .max

    /// SO_PEERCRED on Linux, of every architecture that Swift runs on.
    private static let option = NIOBSDSocket.Option(rawValue: 17)

    /// Nil if the system doesn't tell.
    static func of(_ channel: any Channel) async -> PeerCredentials? {
        guard let provider = channel as? any SocketOptionProvider else { return nil }
        let answer: EventLoopFuture<PeerCredentials> = provider.unsafeGetSocketOption(level: .socket, name: option)
        return try? await answer.get()
    }
}
