internal import CSocket
internal import Glibc

/// A non-blocking TCP socket. Whoever holds it closes it once.
struct Socket: Sendable {
    let descriptor: Int32

    /// Unsent bytes above which the kernel takes no more: a control frame waits behind no more than these.
    static let unsentBytes: Int32 = 128 << 10
    static let backlog: Int32 = 128

    func close() { _ = Glibc.close(descriptor) }

    /// A socket that listens at `address`; `::` takes IPv4 too. Throws `listenFailed`.
    static func listening(at address: SocketAddress) throws(TransportError) -> Socket {
        var storage = address.storage
        let socket = Socket(descriptor: lanyard_tcp_socket(Int32(storage.ss_family)))
        guard socket.descriptor >= 0 else {
            throw .init(.listenFailed, "No socket for \(address).", number: errno)
        }
        var done = lanyard_option(socket.descriptor, SOL_SOCKET, SO_REUSEADDR, 1) == 0
        if case .ipv6 = address.host {
            let sixOnly: Int32 = address.isWildcard ? 0 : 1
            done = done && lanyard_option(socket.descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, sixOnly) == 0
        }
        guard done, lanyard_bind(socket.descriptor, &storage) == 0, listen(socket.descriptor, backlog) == 0 else {
            let number = errno
            socket.close()
            throw .init(
                .listenFailed, "Can't listen at \(address): choose another address or stop what uses it.",
                number: number)
        }
        return socket
    }

    /// A connection attempt under way, or done at once. Throws `connectFailed`.
    static func connecting(to address: SocketAddress) throws(TransportError) -> Socket {
        var storage = address.storage
        let socket = Socket(descriptor: lanyard_tcp_socket(Int32(storage.ss_family)))
        guard socket.descriptor >= 0 else {
            throw .init(.connectFailed, "No socket for \(address).", number: errno)
        }
        socket.setConnectionOptions()
        if lanyard_connect(socket.descriptor, &storage) != 0, errno != EINPROGRESS {
            let number = errno
            socket.close()
            throw .init(.connectFailed, "\(address) can't be reached.", number: number)
        }
        return socket
    }

    /// The next waiting connection; nil if there is none or the system can't give it (`errno` says which).
    func accept() -> (Socket, SocketAddress)? {
        var storage = sockaddr_storage()
        let descriptor = lanyard_accept(descriptor, &storage)
        guard descriptor >= 0 else { return nil }
        let socket = Socket(descriptor: descriptor)
        guard let address = SocketAddress(storage: storage) else {
            socket.close()
            errno = EAGAIN
            return nil
        }
        socket.setConnectionOptions()
        return (socket, address)
    }

    /// Small frames leave at once, unsent bytes stay few, and a peer that vanished is noticed within a minute.
    private func setConnectionOptions() {
        let tcp = Int32(IPPROTO_TCP)
        _ = lanyard_option(descriptor, tcp, TCP_NODELAY, 1)
        _ = lanyard_option(descriptor, tcp, TCP_NOTSENT_LOWAT, Self.unsentBytes)
        _ = lanyard_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        _ = lanyard_option(descriptor, tcp, TCP_KEEPIDLE, 20)
        _ = lanyard_option(descriptor, tcp, TCP_KEEPINTVL, 10)
        _ = lanyard_option(descriptor, tcp, TCP_KEEPCNT, 3)
        _ = lanyard_option(descriptor, tcp, TCP_USER_TIMEOUT, 50_000)
    }

    /// The address that the system bound the socket to.
    var localAddress: SocketAddress? {
        var storage = sockaddr_storage()
        guard lanyard_local_address(descriptor, &storage) == 0 else { return nil }
        return SocketAddress(storage: storage)
    }

    /// How far the kernel has got with what was written; nil where it does not tell.
    func progress(nanoseconds: UInt64) -> LinkMeter.Look? {
        var (acknowledged, unsent, limited): (UInt64, UInt32, UInt64) = (0, 0, 0)
        guard lanyard_tcp_progress(descriptor, &acknowledged, &unsent, &limited) == 0 else { return nil }
        return LinkMeter.Look(
            nanoseconds: nanoseconds, acknowledgedBytes: acknowledged, unsentBytes: Int(unsent),
            peerLimitedNanoseconds: limited * 1_000)
    }

    /// What a connection attempt ended with: 0 is success.
    var pendingError: Int32 { lanyard_socket_error(descriptor) }
}

/// What poll(2) reported for one descriptor.
struct Readiness {
    var readable = false
    var writable = false

    /// Waits for the socket or the event. A hung-up or failed socket counts as both readable and writable.
    static func wait(
        _ socket: Int32, read: Bool, write: Bool, event: Int32, timeoutMilliseconds: Int32
    ) -> Readiness {
        var events: Int16 = 0
        if read { events |= Int16(POLLIN) }
        if write { events |= Int16(POLLOUT) }
        return withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { polled in
            // With nothing to wait for, the socket is left out: poll would report a hang-up again and again.
            polled.initializeElement(at: 0, to: pollfd(fd: events == 0 ? -1 : socket, events: events, revents: 0))
            polled.initializeElement(at: 1, to: pollfd(fd: event, events: Int16(POLLIN), revents: 0))
            guard poll(polled.baseAddress, 2, timeoutMilliseconds) > 0 else { return Readiness() }
            let seen = polled[0].revents
            let failed = seen & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
            return Readiness(
                readable: failed || seen & Int16(POLLIN) != 0, writable: failed || seen & Int16(POLLOUT) != 0)
        }
    }
}
