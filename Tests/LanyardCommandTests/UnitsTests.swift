import Testing

@testable import lanyard

struct UnitsTests {
    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (1_299, "1.2 kB"), (99_999, "99.9 kB"), (100_000, "100 kB"),
            (999_999, "999 kB"), (1_000_000, "1.0 MB"), (3_456_789_012, "3.4 GB"), (UInt64.max, "18.4 EB"),
        ] as [(UInt64, String)])
    func bytes(value: UInt64, text: String) {
        #expect(Units.bytes(value) == text)
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] as [(UInt64, String)])
    func counts(value: UInt64, text: String) {
        #expect(Units.count(value) == text)
    }

    @Test(
        arguments: [
            (1, "1 second"), (99, "99 seconds"), (100, "2 minutes"), (5_999, "100 minutes"), (6_000, "2 hours"),
            (172_799, "48 hours"), (172_800, "2 days"), (172_801, "3 days"),
        ] as [(UInt64, String)])
    func durations(seconds: UInt64, text: String) {
        #expect(Units.duration(seconds: seconds) == text)
    }

    @Test func timeLeftNeedsARate() {
        #expect(Units.timeLeft(bytes: 10, rate: 0) == nil)
        #expect(Units.timeLeft(bytes: 0, rate: 10) == nil)
        #expect(Units.timeLeft(bytes: 11, rate: 10) == "2 seconds")
        #expect(Units.timeLeft(bytes: .max, rate: 1) == nil)
    }

    @Test func columnsAreAligned() {
        #expect(
            Table.lines([["a", "", "long"], ["bcd", "", "x"], ["e"]], indent: 1)
                == [" a    long", " bcd  x", " e"])
        #expect(Table.lines([]) == [])
    }

    @Test func codesAreSpaced() {
        #expect(PairText.spaced("012345") == "0 1 2   3 4 5")
        #expect(["y", " Yes\n", "YES"].allSatisfy { PairText.isYes($0) })
        #expect(![nil, "", "n", "yep", "y e"].contains { PairText.isYes($0) })
    }

    @Test func wordsOfAUnitAreQuoted() {
        #expect(UserUnit.quoted("a b\\c\"d%e$f\n\tg") == "\"a b\\\\c\\\"d%%e$$f\\n\\tg\"")
    }
}
