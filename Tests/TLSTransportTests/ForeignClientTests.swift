import Glibc
import LanHosts
import Testing

@testable import TLSTransport

extension TransportTests {
    /// A TLS client that isn't ours: `openssl s_client`, with certificates made by `openssl req`.
    @Suite struct ForeignClientTests {
        private let directory: String

        init() throws {
            var template = Array("/tmp/lanyard-tls-XXXXXX".utf8CString)
            let made = try #require(mkdtemp(&template))
            directory = String(cString: made)
        }

        /// The files of a certificate with a key of `algorithm`, as arguments of s_client.
        private func certificate(_ algorithm: [String]) throws -> [String] {
            let (key, certificate) = ("\(directory)/key.pem", "\(directory)/certificate.pem")
            let maker = try ChildProcess(
                ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=x", "-keyout", key, "-out", certificate]
                    + algorithm)
            try #require(try maker.waitForExit() == 0, "\(maker.transcript)")
            return ["-cert", certificate, "-key", key]
        }

        /// Connects with `options`, and says why the device refused.
        private func refusal(_ options: [String]) throws -> TransportError {
            let device = try Device()
            defer {
                device.close()
                _ = try? ChildProcess(["rm", "-rf", directory]).waitForExit()
            }
            let client = try ChildProcess(
                ["openssl", "s_client", "-connect", "127.0.0.1:\(device.address.port)"] + options)
            let error = try device.recorder.refusal()
            #expect(device.recorder.monitor.withLock { $0.connections.isEmpty })
            client.kill()
            return error
        }

        @Test func whoHasNoCertificateIsRefused() throws {
            #expect(try refusal(["-tls1_3", "-alpn", "lanyard/1"]).code == .handshakeFailed)
        }

        @Test func olderTLSIsRefused() throws {
            #expect(
                try refusal(["-tls1_2", "-alpn", "lanyard/1"] + certificate(["-newkey", "ed25519"])).code
                    == .handshakeFailed)
        }

        @Test(arguments: [["-alpn", "http/1.1"], ["-alpn", "lanyard/2"], ["-alpn", "lanyard/10"], []])
        func anotherProtocolIsRefused(_ protocols: [String]) throws {
            #expect(
                try refusal(["-tls1_3"] + protocols + certificate(["-newkey", "ed25519"])).code == .protocolMismatch)
        }

        @Test(arguments: [["-newkey", "rsa:2048"], ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]])
        func anotherKindOfKeyIsRefused(_ algorithm: [String]) throws {
            let code = try refusal(["-tls1_3", "-alpn", "lanyard/1"] + certificate(algorithm)).code
            #expect([.handshakeFailed, .certificateRefused].contains(code), "\(code)")
        }

        /// Shows that the refusals above are not for another reason.
        @Test func theSameClientWithEverythingRightIsLetIn() throws {
            let device = try Device()
            defer {
                device.close()
                _ = try? ChildProcess(["rm", "-rf", directory]).waitForExit()
            }
            let client = try ChildProcess(
                [
                    "openssl", "s_client", "-connect", "127.0.0.1:\(device.address.port)", "-tls1_3", "-alpn",
                    "lanyard/1",
                ] + certificate(["-newkey", "ed25519"]))
            _ = try device.recorder.connection()
            client.kill()
        }
    }
}
