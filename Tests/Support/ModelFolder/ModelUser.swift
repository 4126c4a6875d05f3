package import SeededRandom
package import SyncModel

/// Someone who edits at random.
package struct ModelUser {
    package var generator: SeededGenerator
    private var contents: UInt64 = 0
    private let names = ["a", "b", "c"]
    /// Whether contents repeat across users.
    package var sharedContents: UInt64 = 0

    /// Makes the content of a number.
    let file: @Sendable (UInt64) -> Content

    package init(seed: UInt64, file: @escaping @Sendable (UInt64) -> Content = sampleFile) {
        self.file = file
        generator = SeededGenerator(seed: seed)
        contents = seed &* 1_000
    }

    package mutating func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
    package mutating func chance(_ percent: Int) -> Bool { number(100) < percent }

    package mutating func path() -> RelativePath {
        let depth = 1 + number(3)
        let text = (0..<depth).map { _ in names[number(names.count)] }.joined(separator: "/")
        return samplePath(text)
    }

    package mutating func content() -> Content {
        if chance(10) { return .symlink(target: [UInt8(ascii: "a") + UInt8(number(20))]) }
        if chance(15) { return .directory }
        if sharedContents > 0, chance(20) { return file(UInt64(number(Int(sharedContents)))) }
        contents += 1
        return file(contents)
    }

    /// A content that nobody has made before.
    mutating func newFile() -> Content {
        contents += 1
        return file(contents)
    }

    /// Makes something new in a directory, or renames one: contents and names of files never repeat.
    package mutating func rearrange(_ disk: inout ModelDisk, renaming: Bool) {
        let directories = disk.entries.filter { $0.value.content.isDirectory }.keys.sorted()
        let some = directories.isEmpty ? path() : directories[number(directories.count)]
        if renaming, chance(50) { return disk.rename(some, to: path()) }
        contents += 1
        let path = samplePath("\(some)/\(chance(20) ? "n\(contents)/" : "")f\(contents)")
        disk.put(chance(20) ? .symlink(target: Array("\(contents)".utf8)) : file(contents), at: path)
    }

    package mutating func edit(_ disk: inout ModelDisk) {
        let existing = disk.entries.keys.sorted()
        let some = existing.isEmpty ? path() : existing[number(existing.count)]
        switch number(10) {
        case 0...2: disk.put(content(), at: path())
        case 3, 4:
            if disk[some]?.content.isFile ?? false {
                contents += 1
                disk.put(file(contents), at: some, keepingInode: chance(50))
            }
        case 5: disk.remove(some)
        case 6, 7: disk.rename(some, to: path())
        case 8: disk.change(some, mode: UInt16([0o600, 0o644, 0o755][number(3)]))
        default:
            if chance(50) {
                disk.setAttribute(Array("user.x".utf8), chance(30) ? nil : [UInt8(number(3))], at: some)
            } else {
                disk.change(some, modified: Timestamp(seconds: Int64(number(50)), nanoseconds: 5))
            }
        }
    }
}
