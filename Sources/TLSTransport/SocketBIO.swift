internal import COpenSSL
internal import Glibc

/// OpenSSL's way to the socket, with three things that its own lacks: no SIGPIPE; one read(2) a record instead of two
/// (the header of the next record comes with the body of this one); and the hint that more follows, so that the kernel
/// sends and the peer receives large segments rather than single records.
final class SocketBIO {
    private let descriptor: Int32
    /// More records follow the one that is written next.
    var moreFollows = false
    private var ended = false
    /// Bytes that came with the last read and were not asked for yet.
    private let ahead = UnsafeMutableRawBufferPointer.allocate(byteCount: SocketBIO.headerBytes, alignment: 8)
    private var aheadCount = 0

    private static let headerBytes = Int(SSL3_RT_HEADER_LENGTH)
    private static let retryFlags = BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY
    private static let method = SocketMethod()

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { ahead.deallocate() }

    /// A BIO on this object, which must outlive it.
    func makeBIO() -> OpaquePointer? {
        guard let method = Self.method.handle, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    private static func of(_ bio: OpaquePointer?) -> SocketBIO? {
        BIO_get_data(bio).map { Unmanaged<SocketBIO>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Reads up to `count` bytes: first those read ahead, then from the socket with a header's length beyond.
    fileprivate func read(_ bio: OpaquePointer?, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int32 {
        BIO_clear_flags(bio, Self.retryFlags)
        if aheadCount > 0, let start = ahead.baseAddress {
            let taken = min(aheadCount, count)
            target.copyMemory(from: start, byteCount: taken)
            memmove(start, start + taken, aheadCount - taken)
            aheadCount -= taken
            return Int32(taken)
        }
        let wantsBody = count > Self.headerBytes
        let result = withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { parts in
            parts.initializeElement(at: 0, to: iovec(iov_base: target, iov_len: count))
            parts.initializeElement(at: 1, to: iovec(iov_base: ahead.baseAddress, iov_len: ahead.count))
            return readv(descriptor, parts.baseAddress, wantsBody ? 2 : 1)
        }
        if result > count { aheadCount = result - count }
        if result == 0 { ended = true }
        if result < 0, [EAGAIN, EWOULDBLOCK, EINTR].contains(errno) {
            BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
        }
        return Int32(min(result, count))
    }

    fileprivate func write(_ bio: OpaquePointer?, _ source: UnsafeRawPointer, _ count: Int) -> Int32 {
        BIO_clear_flags(bio, Self.retryFlags)
        let flags = Int32(MSG_NOSIGNAL) | (moreFollows ? Int32(MSG_MORE) : 0)
        let result = send(descriptor, source, count, flags)
        if result < 0, [EAGAIN, EWOULDBLOCK, EINTR].contains(errno) {
            BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
        }
        return Int32(result)
    }

    /// The functions that OpenSSL calls; made once for the process.
    private struct SocketMethod: @unchecked Sendable {
        let handle: OpaquePointer?

        init() {
            handle = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lanyard socket")
            BIO_meth_set_read(handle) { bio, target, count in
                guard let target, let socket = SocketBIO.of(bio) else { return -1 }
                return socket.read(bio, target, Int(count))
            }
            BIO_meth_set_write(handle) { bio, source, count in
                guard let source, let socket = SocketBIO.of(bio) else { return -1 }
                return socket.write(bio, source, Int(count))
            }
            BIO_meth_set_ctrl(handle) { bio, command, _, _ in
                switch command {
                case BIO_CTRL_FLUSH: 1
                case BIO_CTRL_EOF: SocketBIO.of(bio)?.ended == true ? 1 : 0
                default: 0
                }
            }
        }
    }
}
