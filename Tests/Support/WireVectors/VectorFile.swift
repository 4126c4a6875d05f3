package import Foundation
import SyncModel
package import WireProtocol

/// A golden vector of the wire, `Tests/WireProtocolTests/Vectors/<name>.hex`: the type byte, the expected refusal if
/// there is one, and the payload.
package struct VectorFile: Hashable {
    package var name: String
    package var type: UInt8
    /// The code of the refusal; nil where the payload is a message.
    package var refusal: WireError.Code?
    package var payload: [UInt8]

    package var frame: Frame { Frame(type: type, payload: payload) }

    package static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "WireProtocolTests/Vectors")

    /// Set to write the files anew; the difference is then to be read in version control.
    package static let isWriting = ProcessInfo.processInfo.environment["LANYARD_WRITE_VECTORS"] != nil

    var text: String {
        var lines = ["type \(type)", "expect \(refusal?.rawValue ?? "message")"]
        for start in stride(from: 0, to: payload.count, by: 48) {
            lines.append(Hexadecimal.encode(payload[start..<min(start + 48, payload.count)]))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    package init(name: String, type: UInt8, refusal: WireError.Code?, payload: [UInt8]) {
        self.name = name
        self.type = type
        self.refusal = refusal
        self.payload = payload
    }

    /// Nil where the text is no vector.
    package init?(name: String, text: String) {
        let lines = text.split(separator: "\n").map(String.init)
        guard lines.count >= 2, lines[0].hasPrefix("type "), lines[1].hasPrefix("expect "),
            let type = UInt8(lines[0].dropFirst(5)), let payload = Hexadecimal.decode(lines[2...].joined())
        else { return nil }
        let expected = String(lines[1].dropFirst(7))
        refusal = WireError.Code(rawValue: expected)
        guard refusal != nil || expected == "message" else { return nil }
        (self.name, self.type, self.payload) = (name, type, payload)
    }

    package func write() throws {
        let file = VectorFile.directory.appending(path: name + ".hex")
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    /// All files, by name.
    package static func load() throws -> [VectorFile] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".hex") }
        return try names.sorted().compactMap { name in
            let text = try String(contentsOf: directory.appending(path: name), encoding: .utf8)
            return VectorFile(name: String(name.dropLast(4)), text: text)
        }
    }
}
