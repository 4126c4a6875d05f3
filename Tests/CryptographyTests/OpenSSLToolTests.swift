import Cryptography
import Foundation
import SyncModel
import Testing

/// Keys and signatures against the `openssl` of the system, which reads and writes the same files.
@Suite struct OpenSSLToolTests {
    /// Runs `openssl` in a directory of its own; what it wrote to standard output.
    private final class Tool {
        let directory = FileManager.default.temporaryDirectory.appending(path: "lanyard-key-\(UUID().uuidString)")

        init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

        deinit { try? FileManager.default.removeItem(at: directory) }

        func write(_ bytes: [UInt8], _ name: String) throws {
            try Data(bytes).write(to: directory.appending(path: name))
        }
        func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: directory.appending(path: name))) }

        @discardableResult
        func run(_ words: String...) throws -> (status: Int32, text: String) { try run(words) }

        @discardableResult
        func run(_ words: [String]) throws -> (status: Int32, text: String) {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/openssl")
            process.arguments = words
            process.currentDirectoryURL = directory
            let output = Pipe()
            (process.standardOutput, process.standardError) = (output, output)
            try process.run()
            let text = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: text, as: UTF8.self))
        }
    }

    private let message = Array("records, and a NUL \0 in them".utf8)

    @Test func itReadsOurKeysAndVerifiesOurSignatures() throws {
        let (tool, key) = (try Tool(), try SigningKey.generate())
        try tool.write(key.pem(), "key.pem")
        try tool.write(message, "message")
        try tool.write(key.sign(message), "signature")
        try tool.write(key.publicKeyInfo, "public.der")
        let own = try tool.run("pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "own.der")
        #expect(own.status == 0, "\(own.text)")
        #expect(try tool.read("own.der") == key.publicKeyInfo)
        let verify = [
            "pkeyutl", "-verify", "-pubin", "-inkey", "public.der", "-keyform", "DER", "-rawin", "-in", "message",
            "-sigfile", "signature",
        ]
        #expect(try tool.run(verify).status == 0)
        try tool.write(message + [0], "message")
        #expect(try tool.run(verify).status != 0)
    }

    @Test func weReadItsKeysAndVerifyItsSignatures() throws {
        let tool = try Tool()
        #expect(try tool.run("genpkey", "-algorithm", "ED25519", "-out", "key.pem").status == 0)
        try tool.write(message, "message")
        let sign = try tool.run(
            "pkeyutl", "-sign", "-inkey", "key.pem", "-rawin", "-in", "message", "-out", "signature")
        #expect(sign.status == 0, "\(sign.text)")
        let key = try SigningKey(pem: tool.read("key.pem"))
        #expect(try key.sign(message) == tool.read("signature"))
        #expect(
            try PublicKey.verify(
                signature: tool.read("signature"), message: message, publicKeyInfo: key.publicKeyInfo))
        #expect(try key.pem() == tool.read("key.pem"))
    }

    /// Keys of every other kind are refused by what they are, encrypted ones without asking anybody.
    @Test(arguments: [
        ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
        ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], ["genpkey", "-algorithm", "X25519"],
        ["genpkey", "-algorithm", "ED448"],
    ])
    func otherKindsAreRefused(words: [String]) throws {
        let tool = try Tool()
        let made = try tool.run(words + ["-out", "key.pem"])
        #expect(made.status == 0, "\(made.text)")
        let pem = try tool.read("key.pem")
        #expect(throws: CryptographyError(.wrongKeyType, "")) { try SigningKey(pem: pem) }
        try tool.run("pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "public.der")
        let info = try tool.read("public.der")
        #expect(!PublicKey.verify(signature: [UInt8](repeating: 1, count: 64), message: message, publicKeyInfo: info))
    }

    @Test func anEncryptedKeyIsNone() throws {
        let tool = try Tool()
        let made = try tool.run(
            "genpkey", "-algorithm", "ED25519", "-aes-256-cbc", "-pass", "pass:x", "-out", "key.pem")
        #expect(made.status == 0, "\(made.text)")
        let pem = try tool.read("key.pem")
        #expect(throws: CryptographyError(.malformedKey, "")) { try SigningKey(pem: pem) }
    }

    /// RFC 8032, 5.1.7: the second half of a signature is below the order of the group, so that nobody makes another
    /// signature out of one.
    @Test func aSignatureHasOneForm() throws {
        let order: [UInt8] = Array(
            (Hexadecimal.decode("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed") ?? []).reversed())
        let key = try SigningKey(seed: [UInt8](repeating: 9, count: 32))
        let signature = try key.sign(message)
        var carry: UInt16 = 0
        let raised = zip(signature[32...], order).map { half, part in
            carry += UInt16(half) + UInt16(part)
            defer { carry >>= 8 }
            return UInt8(truncatingIfNeeded: carry)
        }
        #expect(raised.count == 32 && carry == 0)
        let other = Array(signature[..<32]) + raised
        #expect(PublicKey.verify(signature: signature, message: message, publicKeyInfo: key.publicKeyInfo))
        #expect(!PublicKey.verify(signature: other, message: message, publicKeyInfo: key.publicKeyInfo))
    }

    @Test(arguments: [0, 1, 31, 33, 64]) func aSeedHasThirtyTwoBytes(count: Int) {
        #expect(throws: CryptographyError(.malformedKey, "")) {
            try SigningKey(seed: [UInt8](repeating: 1, count: count))
        }
    }

    @Test func errorsAreToldApartByTheirCodes() {
        #expect(CryptographyError(.malformedKey, "a") == CryptographyError(.malformedKey, "b", cause: "c"))
        #expect(CryptographyError(.malformedKey, "a") != CryptographyError(.wrongKeyType, "a"))
        #expect(CryptographyError(.malformedKey, "a").description == "a")
        #expect(CryptographyError(.malformedKey, "a", cause: "b").description == "a (b)")
    }
}
