import AgentProcesses
import LanHosts
import SeededRandom

/// What people do to one directory of the folder around one crash: at the other device and at the crashing one while
/// that is not running, and at the crashing one while it works. Every content is new in the world.
struct CrashHistory {
    let number: Int
    var directory: String { "r\(number)" }
    /// What both have before it, by path below the folder.
    private(set) var before: [String: [UInt8]] = [:]
    /// What the crashing device has when it is started.
    private(set) var started: [String: [UInt8]] = [:]
    /// What both are to have in the end, but for the conflict.
    private(set) var after: [String: [UInt8]] = [:]
    /// Both edit it: one stands there in the end, the other is the copy.
    var disputed: String { "\(directory)/both" }
    private(set) var disputants: [[UInt8]] = []

    init(_ number: Int) { self.number = number }

    private func content(_ label: String, _ size: Int) -> [UInt8] {
        var generator = SeededGenerator(
            seed: UInt64(number) << 32 | UInt64(label.utf8.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }))
        return Array("\(directory) \(label)\n".utf8) + generator.bytes(size)
    }

    private static let files = [
        ("edited", 4_000), ("in-place", 30_000), ("gone", 500), ("moved", 2_000), ("moved-away", 70_000),
        ("named/x", 300), ("named/y", 9_000), ("tree/p", 100), ("tree/q/r", 2_000), ("both", 1_000), ("mode", 800),
        ("replaced/in", 700), ("large", 1_500_000), ("b-edited", 3_000), ("b-gone", 100), ("b-moved", 5_000),
        ("b-tree/s", 600), ("live-edited", 3_000), ("live-in-place", 20_000), ("live-gone", 100), ("live-moved", 400),
    ]

    /// What both are to have before: made at `folder`.
    mutating func makeBefore(_ folder: String) throws {
        for name in ["named", "tree/q", "replaced", "b-tree", "empty", "places"] {
            try Files.make("\(folder)/\(directory)/\(name)")
        }
        for (name, size) in Self.files { before["\(directory)/\(name)"] = content(name, size) }
        for (path, bytes) in before { try Files.write("\(folder)/\(path)", bytes) }
        try Files.link("\(folder)/\(directory)/link", to: "edited")
        (started, after) = (before, before)
    }

    /// An editor's way: the new content beside the old, then over it.
    private func save(_ path: String, _ bytes: [UInt8]) throws {
        try Files.write(path + "~", bytes)
        try Files.move(path + "~", path)
    }

    private mutating func move(_ old: String, _ new: String) {
        after["\(directory)/\(new)"] = after.removeValue(forKey: "\(directory)/\(old)")
    }

    /// What happens at the other device while the crashing one is not running.
    mutating func edit(_ folder: String) throws {
        let top = "\(folder)/\(directory)"
        let old = "\(folder)/r\(number - 1)"
        if Files.exists(old) { try Files.remove(old) }
        for (name, size) in [("edited", 5_000), ("mode", 900), ("both", 1_100)] {
            after["\(directory)/\(name)"] = content("\(name) anew", size)
            try save("\(top)/\(name)", content("\(name) anew", size))
        }
        disputants.append(content("both anew", 1_100))
        try Files.setMode("\(top)/mode", 0o600)
        after["\(directory)/in-place"] = content("in-place anew", 40_000)
        try Files.write("\(top)/in-place", content("in-place anew", 40_000))
        for name in ["gone", "tree"] { try Files.remove("\(top)/\(name)") }
        for name in ["gone", "tree/p", "tree/q/r"] { after["\(directory)/\(name)"] = nil }
        try Files.remove("\(top)/empty")
        for (old, new) in [("moved", "moved-here"), ("moved-away", "places/moved-away"), ("named", "renamed")] {
            try Files.move("\(top)/\(old)", "\(top)/\(new)")
        }
        for (old, new) in [
            ("moved", "moved-here"), ("moved-away", "places/moved-away"), ("named/x", "renamed/x"),
            ("named/y", "renamed/y"),
        ] { move(old, new) }
        try Files.remove("\(top)/replaced")
        after["\(directory)/replaced/in"] = nil
        var large = before["\(directory)/large"] ?? []
        large.replaceSubrange(700_000..<700_100, with: content("a part", 80))
        after["\(directory)/large"] = large
        try save("\(top)/large", large)
        try Files.remove("\(top)/link")
        try Files.link("\(top)/link", to: "moved-here")
        try Files.link("\(top)/new-link", to: "nowhere")
        try Files.make("\(top)/new/below")
        for (name, size) in [
            ("replaced", 400), ("new/one", 10), ("new/two", 6_000), ("new/below/three", 40_000), ("empty-file", 0),
            ("new-large", 2_500_000),
        ] {
            let bytes = name == "empty-file" ? [] : content("\(name) made", size)
            after["\(directory)/\(name)"] = bytes
            try Files.write("\(top)/\(name)", bytes)
        }
    }

    /// What happens at the crashing device while it is not running.
    mutating func editHere(_ folder: String) throws {
        let top = "\(folder)/\(directory)"
        let mine = content("both here", 1_050)
        disputants.append(mine)
        try save("\(top)/both", mine)
        started["\(directory)/both"] = mine
        for (name, size) in [("b-edited", 3_500), ("b-new", 15_000), ("b-large", 600_000)] {
            let bytes = content("\(name) here", size)
            try save("\(top)/\(name)", bytes)
            started["\(directory)/\(name)"] = bytes
            after["\(directory)/\(name)"] = bytes
        }
        try Files.remove("\(top)/b-gone")
        try Files.move("\(top)/b-moved", "\(top)/b-moved-here")
        try Files.remove("\(top)/b-tree")
        for name in ["b-gone", "b-moved", "b-tree/s"] { started["\(directory)/\(name)"] = nil }
        for name in ["b-gone", "b-tree/s"] { after["\(directory)/\(name)"] = nil }
        started["\(directory)/b-moved-here"] = before["\(directory)/b-moved"]
        move("b-moved", "b-moved-here")
    }

    /// What happens at the crashing device while it works: a script for a shell in the folder.
    mutating func live() -> String {
        let old = before["\(directory)/live-in-place"] ?? []
        after["\(directory)/live-new"] = Array("\(directory) live\n".utf8)
        after["\(directory)/live-edited"] = Array("\(directory) live edit\n".utf8)
        after["\(directory)/live-in-place"] = old + Array("\(directory) appended\n".utf8)
        after["\(directory)/live-gone"] = nil
        after["\(directory)/live/moved"] = after.removeValue(forKey: "\(directory)/live-moved")
        return """
            cd \(directory) && echo '\(directory) live' > live-new && echo '\(directory) live edit' > live-edited~ \
            && mv live-edited~ live-edited && echo '\(directory) appended' >> live-in-place && rm live-gone \
            && mkdir live && mv live-moved live/moved && sync
            """
    }

    /// Whether somebody changed it while the agent worked.
    func isLive(_ path: String) -> Bool { path.hasPrefix("\(directory)/live") }
}
