import ControlAPI
import FoundationEssentials
import Glibc

/// The temporary directories of a demonstration; gone with this object.
final class DemoFolders: Sendable {
    let root: String

    init() throws(ControlError) {
        let base = Home.variable("TMPDIR") ?? "/tmp"
        let template: UnsafeMutablePointer<CChar>? = strdup(base + "/lanyard-demo.XXXXXX")
        defer { free(template) }
        guard let template, let made = mkdtemp(template) else {
            throw ControlError(.failed, "no temporary directory in \(base): \(String(cString: strerror(errno)))")
        }
        root = String(cString: made)
        for name in ["left", "right"] {
            try Self.make {
                try FileManager.default.createDirectory(atPath: folder(name), withIntermediateDirectories: true)
            }
            guard mkdir(home(name), 0o700) == 0 else { throw ControlError(.failed, "\(home(name)) can't be made") }
        }
    }

    deinit { Self.remove(root) }

    static func remove(_ root: String) { try? FileManager.default.removeItem(atPath: root) }

    func folder(_ side: String) -> String { "\(root)/\(side)" }
    func home(_ side: String) -> String { "\(root)/\(side)-state" }

    /// Whole at once, as an editor saves.
    func save(_ text: String, _ side: String, _ name: String) throws(ControlError) {
        try Self.make {
            let path = "\(folder(side))/\(name)"
            let directory = path.split(separator: "/").dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(atPath: "/" + directory, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        }
    }

    func move(_ side: String, _ from: String, _ to: String) throws(ControlError) {
        guard rename("\(folder(side))/\(from)", "\(folder(side))/\(to)") == 0 else {
            throw ControlError(.failed, "\(from) can't be renamed: \(String(cString: strerror(errno)))")
        }
    }

    func remove(_ side: String, _ name: String) throws(ControlError) {
        try Self.make { try FileManager.default.removeItem(atPath: "\(folder(side))/\(name)") }
    }

    func exists(_ side: String, _ name: String) -> Bool { access("\(folder(side))/\(name)", F_OK) == 0 }

    func reads(_ side: String, _ name: String, _ text: String) -> Bool {
        FileManager.default.contents(atPath: "\(folder(side))/\(name)").map { $0 == Data(text.utf8) } ?? false
    }

    private static func make(_ body: () throws -> Void) throws(ControlError) {
        do { try body() } catch { throw ControlError(.failed, "the demonstration's files: \(error)") }
    }
}
