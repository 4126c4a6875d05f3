import ControlAPI
import Glibc

/// A Unix socket without any protocol, for what no client of ours would send.
struct RawSocket {
    let descriptor: Int32

    static func listening(at path: String) throws -> RawSocket {
        let socket = try RawSocket(path, Glibc.bind)
        guard listen(socket.descriptor, 1) == 0 else { throw ControlError(.failed, "can't listen") }
        return socket
    }

    static func connected(to path: String) throws -> RawSocket { try RawSocket(path, Glibc.connect) }

    private init(_ path: String, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8.prefix(107))) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            Glibc.close(descriptor)
            throw ControlError(.failed, "\(path): \(String(cString: strerror(errno)))")
        }
    }

    init(descriptor: Int32) { self.descriptor = descriptor }

    static func post(_ path: String, _ body: String) -> [UInt8] {
        Array("POST \(path) HTTP/1.1\r\nHost: agent\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    }

    /// Sends as much as the other side takes.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// The first line of what comes back, empty if the other side only closes.
    func firstLine() -> String {
        var line: [UInt8] = []
        while let byte = byte(), byte != 0x0d { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    /// The next answer with a `Content-Length`: its status and its body. Nil if the other side closes before its end.
    func answer() -> (status: Int, body: [UInt8])? {
        var status: Int?
        var count = 0
        while true {
            let line = firstLine()
            guard byte() != nil else { return nil }
            if status == nil { status = Int(line.split(separator: " ").dropFirst().first ?? "") }
            if line.lowercased().hasPrefix("content-length:") {
                count = Int(line.split(separator: " ").last ?? "") ?? 0
            }
            if line.isEmpty { break }
        }
        var body: [UInt8] = []
        while body.count < count, let byte = byte() { body.append(byte) }
        return status.flatMap { body.count == count ? ($0, body) : nil }
    }

    /// The next byte, nil at the end.
    func byte() -> UInt8? {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) == 1 ? byte : nil
    }

    func accepted() -> RawSocket { RawSocket(descriptor: accept(descriptor, nil, nil)) }

    func close() { Glibc.close(descriptor) }
}
