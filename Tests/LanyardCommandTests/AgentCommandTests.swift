import ControlAPI
import Foundation
import Testing

/// The commands on a real agent: what is refused, and why; paths of all kinds; doing things twice.
@Suite(.serialized) struct AgentCommandTests {
    private let place: TestPlace

    init() throws { place = try TestPlace() }

    /// Runs a command that has to end with `status`, and to say each of `words`.
    @discardableResult
    private func expect(
        _ status: Int32, _ command: String..., saying words: [String] = [],
        at location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let run = try place.run([["--home", "home"], command].flatMap { $0 }.map { Array($0.utf8) })
        #expect(run.status == status, "\(command): \(run.text)", sourceLocation: location)
        for word in words { #expect(run.text.contains(word), "\(command): \(run.text)", sourceLocation: location) }
        return run.text
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    @Test func withoutOthersEverythingIsInSync() throws {
        let agent = try place.start("home", "docs")
        try Data("text".utf8).write(to: URL(filePath: place.path("docs/a")))
        #expect(try decode(WaitReport.self, try expect(0, "wait", "--json")).synced)
        let status = try decode(AgentStatus.self, try expect(0, "status", "--json"))
        #expect(status.folders.map(\.state) == [.idle] && status.folders[0].files == 1 && status.folders[0].bytes == 4)
        #expect(status.folders[0].members.isEmpty && status.folders[0].rootDigest?.count == 64)
        #expect(status.device.listen.count == 1 && !status.device.listen[0].hasSuffix(":0"))
        #expect(try decode([DeviceReport].self, try expect(0, "devices", "--json")).isEmpty)
        #expect(try decode([ConflictReport].self, try expect(0, "conflicts", "list", "--json")).isEmpty)
        #expect(try decode([PairingSession].self, try expect(0, "pair", "list", "--json")).isEmpty)
        let doctor = try place.run("--home", "home", "doctor", "--json")
        let report = try decode(DoctorReport.self, doctor.text)
        #expect(doctor.status == (report.ok ? 0 : 1) && !report.checks.isEmpty)
        for check in report.checks where check.ok { #expect(check.remedy == nil, "\(check)") }
        #expect(try agent.end() == 0)
    }

    @Test func aPathIsFoundHoweverItIsWritten() throws {
        let agent = try place.start("home", "docs")
        try FileManager.default.createDirectory(atPath: place.path("docs/sub"), withIntermediateDirectories: true)
        try Data("text".utf8).write(to: URL(filePath: place.path("docs/sub/a")))
        try FileManager.default.createSymbolicLink(atPath: place.path("link"), withDestinationPath: "docs")
        try expect(0, "wait")
        for path in [
            "docs/sub/a", "docs//sub/./a", "docs/sub/../sub/a", "link/sub/a", "./docs/missing/../sub/a",
            place.path("docs/sub/a"), "home/../docs/sub/a", "docs/sub/a/",
        ] {
            let report = try decode(WhyReport.self, try expect(0, "why", path, "--json"))
            #expect(report.path.string == "sub/a" && report.inSync, "\(path)")
        }
        let inFolder = try decode(WhyReport.self, try expect(0, "why", "--folder", "docs", "sub/a", "--json"))
        #expect(inFolder.path.string == "sub/a")
        #expect(try agent.end() == 0)
    }

    @Test func aPathElsewhereIsRefusedInWords() throws {
        let agent = try place.start("home", "docs")
        for command in ["why", "history", "restore", "check-ignore"] {
            try expect(4, command, "elsewhere", saying: ["elsewhere", "lies in no folder"])
            try expect(4, command, "docs/../elsewhere/a", saying: ["elsewhere/a", "lies in no folder"])
            try expect(2, command, "docs/.lanyard/folder", saying: [".lanyard", "Lanyard's own"])
        }
        try expect(2, "why", "--folder", "docs", "../x", saying: ["../x", "'..'"])
        try expect(2, "why", "--folder", "docs", "/x", saying: ["slash"])
        try expect(2, "history", "--folder", "docs", "a//b", saying: ["slash"])
        let long = String(repeating: "x", count: 256)
        try expect(2, "why", "--folder", "docs", long, saying: ["256 bytes"])
        try expect(4, "why", "--folder", "none", "x", saying: ["none", "lanyard folder list"])
        try expect(4, "restore", "docs/never", saying: ["docs/never".dropFirst(5) + ""])
        try expect(0, "history", "docs/never", saying: ["Nothing in history."])
        #expect(try agent.end() == 0)
    }

    @Test func namesThatAreNoText() throws {
        let agent = try place.start("home", "docs")
        let name = [UInt8(ascii: "b"), 0xff, 0x0a]
        let path = Array(place.path("docs/").utf8) + name
        let file = open(path.map { CChar(bitPattern: $0) } + [0], O_WRONLY | O_CREAT, 0o600)
        #expect(file >= 0)
        close(file)
        try expect(0, "wait")
        let home = ["--home", "home"].map { Array($0.utf8) }
        let why = try place.run(home + ["why", "--json"].map { Array($0.utf8) } + [path])
        #expect(why.status == 0, "\(why.text)")
        #expect(try decode(WhyReport.self, why.text).path.bytes == name)
        let plain = try place.run(home + [Array("why".utf8), path])
        #expect(plain.text.hasPrefix("b\\xff\\x0a: "), "\(plain.text)")
        // A directory of such a name is a folder; its own name is text.
        let directory = Array(place.path("d").utf8) + [0xfe]
        let added = try place.run(home + [Array("folder".utf8), Array("add".utf8), Array("--json".utf8), directory])
        #expect(added.status == 0, "\(added.text)")
        let folder = try decode(FolderStatus.self, added.text)
        #expect(folder.path.bytes == directory)
        #expect(!folder.name.unicodeScalars.contains { $0.value < 0x20 })
        let removed = try place.run(home + [Array("folder".utf8), Array("remove".utf8), directory])
        #expect(removed.status == 0, "\(removed.text)")
        #expect(removed.text.contains("d\\xfe is no folder any more"))
        #expect(try agent.end() == 0)
    }

    @Test func foldersAreRefusedWithAReason() throws {
        let agent = try place.start("home", "docs")
        try FileManager.default.createDirectory(atPath: place.path("docs/sub"), withIntermediateDirectories: true)
        try Data("text".utf8).write(to: URL(filePath: place.path("file")))
        try FileManager.default.createSymbolicLink(atPath: place.path("link"), withDestinationPath: "docs")
        // Again is no mistake, by whatever way.
        for path in ["docs", "./docs/", "link", "docs/sub/.."] {
            let folder = try decode(FolderStatus.self, try expect(0, "folder", "add", path, "--json"))
            #expect(folder.name == "docs", "\(path)")
        }
        try expect(4, "folder", "add", "docs/sub")
        try expect(4, "folder", "add", "link/sub/deeper")
        try expect(4, "folder", "add", ".")
        try expect(4, "folder", "add", "other", "--name", "docs", saying: ["name"])
        #expect(try agent.client.folders().folders.map(\.name) == ["docs"])
        #expect(access(place.path("other"), F_OK) != 0)
        for name in ["", "a\nb", "\u{7f}", String(repeating: "n", count: 256)] {
            try expect(2, "folder", "add", "other", "--name", name, saying: ["name"])
        }
        #expect(try agent.client.folders().folders.count == 1)
        #expect(try agent.end() == 0)
    }

    /// A directory whose name can't be shown becomes a folder all the same.
    @Test func aNameThatCannotBeShownIsCleaned() throws {
        let agent = try place.start("home")
        try expect(0, "folder", "add", "two\nlines")
        let names = try agent.client.folders().folders.map(\.name)
        #expect(names.count == 1 && names[0].hasPrefix("two") && !names[0].contains("\n"), "\(names)")
        #expect(try agent.end() == 0)
    }

    @Test func aPauseIsToldAndEnds() throws {
        let agent = try place.start("home", "docs")
        for _ in 0..<2 { try expect(0, "folder", "pause", "docs", saying: ["docs: paused"]) }
        let report = try decode(WaitReport.self, try expect(1, "wait", "--timeout", "30", "--json"))
        #expect(!report.synced && report.reasons.map(\.folder) == ["docs"])
        #expect(report.reasons.allSatisfy { $0.message.contains("paused") }, "\(report.reasons)")
        try expect(1, "wait", saying: ["docs: ", "paused"])
        for _ in 0..<2 { try expect(0, "folder", "resume", "docs") }
        try expect(0, "wait")
        try expect(0, "folder", "remove", "docs", saying: ["docs is no folder any more"])
        try expect(4, "folder", "remove", "docs", saying: ["docs", "lanyard folder list"])
        for command in ["pause", "resume", "release", "discard", "changes", "revert"] {
            try expect(4, "folder", command, "docs")
        }
        #expect(access(place.path("docs"), F_OK) == 0)
        #expect(try agent.end() == 0)
    }

    @Test func boundsOfRatesAreShownAndKept() throws {
        let agent = try place.start("home", "docs")
        try expect(0, "limit", saying: ["sending:   no limit", "receiving: no limit"])
        try expect(0, "limit", "--send", "2M", saying: ["sending:   at most 2.0 MB/s", "receiving: no limit"])
        try expect(0, "limit", "--receive", "100k", saying: ["2.0 MB/s", "receiving: at most 100 kB/s"])
        try expect(4, "limit", "--send", "1k", saying: ["1000 bytes", "folder pause"])
        for word in ["fast", "-1", "1.5", ""] { try expect(2, "limit", "--send=\(word)") }
        #expect(try agent.end() == 0)
        let again = try place.start("home")
        let limits = try decode(RateLimits.self, try expect(0, "limit", "--json"))
        #expect(limits == RateLimits(sendBytesPerSecond: 2_000_000, receiveBytesPerSecond: 100_000))
        try expect(0, "limit", "--send", "off", "--receive", "off", saying: ["sending:   no limit"])
        #expect(try again.end() == 0)
    }

    @Test func budgetsOfAnySizeAreTaken() throws {
        let agent = try place.start("home", "docs")
        for files in ["0", "1", "9223372036854775807", "9223372036854775808", "18446744073709551615", "off"] {
            try expect(0, "folder", "set", "deletion-budget", "docs", files)
        }
        try expect(0, "wait")
        #expect(try agent.end() == 0)
        let again = try place.start("home")
        #expect(try again.client.folders().folders.map(\.name) == ["docs"])
        #expect(try again.end() == 0)
    }

    @Test func strangersAreNotKnown() throws {
        let agent = try place.start("home", "docs")
        let own = try agent.client.status().device
        try expect(4, "devices", "remove", "nobody", saying: ["nobody", "lanyard devices"])
        try expect(4, "devices", "rename", "nobody", "x")
        try expect(4, "folder", "share", "docs", "nobody", saying: ["nobody"])
        try expect(4, "folder", "share", "docs", own.id)
        try expect(4, "folder", "accept", "music", "music", saying: ["music", "lanyard folder list"])
        #expect(access(place.path("music"), F_OK) != 0)
        try expect(4, "pair", "confirm", "77", "--code", "123456", saying: ["77"])
        try expect(4, "pair", "confirm", "x", "--code", "123456", saying: ["x"])
        try expect(4, "pair", "cancel", "77")
        for link in ["", "x", "lanyard://", "lanyard://127.0.0.1:1/x", "http://127.0.0.1/", "\u{1b}"] {
            try expect(2, "join", link, "joined")
            try expect(2, "join", link)
        }
        #expect(access(place.path("joined"), F_OK) != 0)
        let wait = try place.run("--home", "home", "wait", "--for", "nobody", "--timeout", "1")
        #expect(wait.status == 4 || wait.status == 1, "\(wait.text)")
        #expect(wait.text.contains("nobody"))
        #expect(try agent.end() == 0)
    }
}
