import ControlAPI
import SyncModel
import Testing

@testable import lanyard

/// Lines, tables, numbers and times as a person reads them.
struct TextTests {
    /// Nothing is cut from a cell: a name may end in a space.
    @Test func cellsAreWhole() {
        #expect(Table.lines([["a ", "b "], ["ccc", ""]]) == ["a    b ", "ccc"])
        #expect(Table.lines([["", "x "]], indent: 2) == ["  x "])
        #expect(Table.lines([[" "], ["b"]]) == [" ", "b"])
        #expect(Table.lines([["", ""], ["", ""]], indent: 4) == ["", ""])
        #expect(Table.lines([[], ["a"]]) == ["", "a"])
    }

    /// Every column begins at one place, counted in characters.
    @Test func columnsBeginAtOnePlace() {
        let rows = [["é", "1", "x"], ["日本語", "22", "y"], ["a", "", "z"], ["", "4444", "w"]]
        let ends = Table.lines(rows, indent: 3).map { Array($0).count }
        #expect(Set(ends).count == 1)
        for (row, line) in zip(rows, Table.lines(rows)) {
            let characters = Array(line)
            #expect(String(characters[5...].prefix(row[1].count)) == row[1])
        }
    }

    /// A larger number never reads as less.
    @Test func bytesGrow() {
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        func amount(_ text: String) -> Double? {
            let parts = text.split(separator: " ").map { String($0) }
            guard parts.count == 2, let number = Double(parts[0]), let power = units.firstIndex(of: parts[1]) else {
                return nil
            }
            return (0..<power).reduce(number) { value, _ in value * 1_000 }
        }
        var last = -1.0
        var value: UInt64 = 0
        while value < .max / 3 {
            for near in [value, value + 1, value * 2] {
                let text = Units.bytes(near)
                guard let shown = amount(text) else {
                    Issue.record("\(text)")
                    return
                }
                // Cut off, by less than a tenth.
                #expect(shown <= Double(near) && shown >= Double(near) * 0.9 - 1, "\(near): \(text)")
                #expect(text.split(separator: " ")[0].filter(\.isNumber).count <= 3, "\(text)")
            }
            let shown = amount(Units.bytes(value)) ?? 0
            #expect(shown >= last)
            (last, value) = (shown, value * 3 / 2 + 1)
        }
    }

    @Test func durationsAreRoundedUpAndNameTheirUnit() {
        for seconds in stride(from: 1 as UInt64, to: 400_000, by: 37) {
            let words = Units.duration(seconds: seconds).split(separator: " ").map { String($0) }
            let unit = words[1].hasSuffix("s") ? String(words[1].dropLast()) : words[1]
            let length: UInt64 = ["second": 1, "minute": 60, "hour": 3_600, "day": 86_400][unit] ?? 0
            let shown = UInt64(words[0].filter { $0 != "," }) ?? 0
            #expect(shown * length >= seconds && shown * length < seconds + length, "\(seconds): \(words)")
            #expect((shown == 1) == !words[1].hasSuffix("s"))
        }
        #expect(Units.duration(seconds: .max) == "for ever")
    }

    @Test(
        arguments: [
            (1, 1, "1 second"), (1, .max, "1 second"), (100, 3, "34 seconds"), (30 * 86_400, 1, nil),
            (30 * 86_400 - 1, 1, "30 days"), (.max, .max, "1 second"), (6_000, 60, "2 minutes"), (0, 0, nil),
        ] as [(UInt64, UInt64, String?)])
    func timeLeft(bytes: UInt64, rate: UInt64, text: String?) {
        #expect(Units.timeLeft(bytes: bytes, rate: rate) == text)
    }

    @Test func countsAreGrouped() {
        #expect(Units.count(.max) == "18,446,744,073,709,551,615")
        #expect(
            [10, 100, 1_000, 10_000, 100_000, 1_000_000].map { Units.count($0) }
                == ["10", "100", "1,000", "10,000", "100,000", "1,000,000"])
        #expect([0, 1, 2, 1_000].map { Units.files($0) } == ["0 files", "1 file", "2 files", "1,000 files"])
    }

    @Test(arguments: [("", "   "), ("1", "   1"), ("123", "1   2 3"), ("1234567", "1 2 3   4 5 6 7")])
    func codesOfAnyLengthAreSpaced(code: String, text: String) {
        #expect(PairText.spaced(code) == text)
    }

    @Test(arguments: PairingState.allCases) func everyOutcomeIsASentence(state: PairingState) {
        let peer = PairingPeer(id: "1", name: "ph\u{1b}one")
        let session = PairingSession(
            session: "1", code: "123456", peer: peer, expires: ControlAPI.Timestamp(seconds: 0), state: state)
        let text = PairText.outcome(session)
        #expect(text.hasSuffix(".") || text.hasSuffix("lanyard pair"))
        #expect(!text.contains("\u{1b}") && !PairText.question(session).joined().contains("\u{1b}"))
        #expect((state == .paired) == text.hasPrefix("Paired with"))
    }
}

/// The words of `status`.
struct StatusTextTests {
    private static func folder(
        _ state: FolderState, files: UInt64 = 0, bytes: UInt64 = 0, digest: String? = "aa"
    ) -> FolderStatus {
        var folder = FolderStatus(
            id: "1", name: "docs", path: LocalPath(bytes: "/d".utf8), state: state, rootDigest: digest)
        (folder.needFiles, folder.needBytes) = (files, bytes)
        return folder
    }

    private static func status(_ folders: [FolderStatus], rate: UInt64 = 0, generation: UInt64 = 1) -> AgentStatus {
        AgentStatus(
            device: OwnDevice(id: "abcdef0123", name: "l", listen: []), generation: generation, folders: folders,
            rates: TransferRates(receivedBytesPerSecond: rate))
    }

    @Test(arguments: FolderState.allCases) func aStateIsItsWord(state: FolderState) {
        #expect(StatusScreen.state(Self.folder(state), rate: 5) == state.rawValue)
        let busy = StatusScreen.state(Self.folder(state, files: 1, bytes: 100), rate: 10)
        #expect(busy.hasPrefix("\(state.rawValue), 1 file and 100 B to go"))
        #expect(busy.hasSuffix("about 10 seconds") == (state == .syncing))
    }

    /// Without movement there is no time, and no promise.
    @Test func noTimeWithoutARate() {
        #expect(
            StatusScreen.state(Self.folder(.syncing, files: 2, bytes: 9), rate: 0) == "syncing, 2 files and 9 B to go")
        #expect(StatusScreen.state(Self.folder(.syncing, files: 2), rate: 9) == "syncing, 2 files and 0 B to go")
    }

    @Test(
        arguments: [
            ("aa", "aa", 0, "in sync"), ("aa", "bb", 0, "differs"), (nil, "aa", 0, "not compared yet"),
            ("aa", nil, 0, "not compared yet"), ("aa", "aa", 3, "lacks 3 files, 0 B"),
        ] as [(String?, String?, UInt64, String)])
    func aMemberIsComparedByDigest(ours: String?, theirs: String?, lacks: UInt64, words: String) {
        var folder = Self.folder(.idle, digest: ours)
        folder.members = [
            MemberStatus(id: "2", name: "m", role: .readWrite, connected: true, rootDigest: theirs, needFiles: lacks)
        ]
        let lines = StatusScreen.lines(Self.status([folder]))
        #expect(lines.contains { $0.hasSuffix("  \(words)") }, "\(lines)")
        #expect(!lines.contains { $0.contains("not shared yet") })
    }

    /// A line for what is new or different, none for what is as it was.
    @Test func aWatcherHearsOfChangesOnly() {
        let (idle, busy) = (Self.folder(.idle), Self.folder(.syncing, files: 1, bytes: 10))
        #expect(Status.changes(from: nil, to: Self.status([idle])) == ["docs: idle"])
        #expect(Status.changes(from: Self.status([idle]), to: Self.status([idle], rate: 7, generation: 2)) == [])
        #expect(
            Status.changes(from: Self.status([idle]), to: Self.status([busy], rate: 2_000))
                == ["docs: syncing, 1 file and 10 B to go, about 1 second, 2.0 kB/s"])
        #expect(Status.changes(from: Self.status([idle]), to: Self.status([])) == [])
    }

    /// However many there are, the screen stays one.
    @Test(arguments: [0, 1, 5, 6, 1_000]) func problemsAreCutShort(count: Int) {
        var folder = Self.folder(.error)
        folder.problems = (0..<count).map {
            FolderProblem(path: LocalPath(bytes: "f\($0)".utf8), message: "m", since: ControlAPI.Timestamp(seconds: 0))
        }
        let lines = StatusScreen.lines(Self.status([folder])).filter { $0.hasPrefix("    ! ") }
        #expect(lines.count == min(count, 6))
        #expect(lines.contains("    ! and \(count - 5) more; list them with: lanyard problems") == (count > 5))
    }
}
