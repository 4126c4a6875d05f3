import SeededRandom
import SyncModel
import Testing

@testable import AvahiDiscovery

/// What is published, and how strictly it is read back.
@Suite struct TextRecordTests {
    private static let base = Samples.strings("v=1", "s=\(Samples.saltText)", "h=\(Samples.tagText)")

    @Test func whatIsPublishedReadsBackAsWritten() throws {
        for name in [nil, "Kitchen", "Küche ☕", "a=b", " "] {
            for version in [1, 7, UInt16.max] {
                let record = TextRecord(
                    protocolVersion: version, hint: try Samples.hint(65), pairingName: name)
                #expect(try TextRecord(strings: record.strings) == record)
            }
        }
    }

    @Test func theStringsStandInTheirOrder() throws {
        let record = try TextRecord(strings: Self.base + Samples.strings("p=1", "n=Kitchen"))
        #expect(
            record.strings
                == Samples.strings(
                    "v=1", "s=\(Samples.saltText)", "h=\(Samples.tagText)", "p=1", "n=Kitchen"))
    }

    /// RFC 6763, 6.4.
    @Test func keysIgnoreCaseTheFirstCountsAndUnknownOnesPass() throws {
        let record = try TextRecord(
            strings: Samples.strings("", "=x", "future", "V=2", "v=3") + Self.base.dropFirst()
                + Samples.strings("P=1", "N=Kitchen", "n=Other", "zz=\u{1b}[31m"))
        #expect(record.protocolVersion == 2)
        #expect(record.pairingName == "Kitchen")
    }

    @Test func aNameCountsOnlyWhilePairing() throws {
        for strings in [
            [], Samples.strings("p=0"), Samples.strings("p="), Samples.strings("p"), Samples.strings("p=11"),
        ] {
            let record = try TextRecord(strings: Self.base + strings + Samples.strings("n=\u{7}"))
            #expect(record.pairingName == nil)
        }
    }

    @Test(arguments: [
        "v", "v=", "v=0", "v=-1", "v=+1", "v= 1", "v=1.0", "v=65536", "v=000001", "v=99999999999999999999", "v=١",
    ])
    func aVersionThatIsNoNumberIsRefused(_ version: String) {
        refuses(Samples.strings(version) + Self.base.dropFirst())
    }

    @Test(arguments: [
        "", "00", "000102030405060708090a0b0c0d0e0", "000102030405060708090a0b0c0d0e0f0",
        "000102030405060708090a0b0c0d0e0g", "0x0102030405060708090a0b0c0d0e0f", "٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠",
    ])
    func saltAndTagAreThirtyTwoDigits(_ digits: String) {
        refuses(Samples.strings("v=1", "s=\(digits)", "h=\(Samples.tagText)"))
        refuses(Samples.strings("v=1", "s=\(Samples.saltText)", "h=\(digits)"))
    }

    @Test func digitsThatAreNoTextAreRefused() {
        let bytes = Array("h=".utf8) + [UInt8](repeating: 0xff, count: 32)
        refuses([Self.base[0], Self.base[1], bytes])
    }

    @Test func everyFieldButTheNameIsNeeded() {
        for missing in Self.base.indices {
            var strings = Self.base
            strings.remove(at: missing)
            refuses(strings)
        }
        refuses([])
        refuses(Self.base + Samples.strings("p=1"))
    }

    @Test(arguments: [
        "", "\u{0}", "a\nb", "a\u{1b}[2Jb", "\u{202e}gnp.exe", "\u{200b}", "a\u{2028}b", "a\u{2029}b", "\u{e000}",
        "\u{85}", "\u{feff}x", String(repeating: "a", count: Limits.deviceNameBytes + 1),
    ])
    func aNameThatATerminalMustNotShowIsRefused(_ name: String) {
        #expect(!TextRecord.isName(name))
        refuses(Self.base + Samples.strings("p=1", "n=\(name)"))
    }

    @Test func aNameThatIsNoTextIsRefused() {
        for bytes: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]] {
            refuses(Self.base + Samples.strings("p=1") + [Array("n=".utf8) + bytes])
        }
    }

    @Test func boundsAreKeptAndReached() throws {
        let most = Limits.textStrings - Self.base.count
        #expect(throws: Never.self) { try TextRecord(strings: Self.base + Array(repeating: [], count: most)) }
        refuses(Self.base + Array(repeating: [], count: most + 1))

        let long = [UInt8](repeating: UInt8(ascii: "x"), count: Limits.textStringBytes)
        #expect(throws: Never.self) { try TextRecord(strings: Self.base + [long]) }
        refuses(Self.base + [long + [0]])
        refuses(Self.base + Array(repeating: long, count: Limits.textRecordBytes / (long.count + 1) + 1))
    }

    /// Any bytes are read or refused; none are believed halfway.
    @Test(arguments: 0..<32 as Range<UInt64>) func randomStringsAreReadOrRefused(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var strings = Self.base + Samples.strings("p=1", "n=Kitchen")
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<strings.count, using: &generator)
                guard !strings[index].isEmpty else { continue }
                let place = Int.random(in: 0..<strings[index].count, using: &generator)
                strings[index][place] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let record = try? TextRecord(strings: strings) else { continue }
            #expect(try TextRecord(strings: record.strings) == record)
            if let name = record.pairingName { #expect(TextRecord.isName(name)) }
        }
    }

    private func refuses(_ strings: [[UInt8]], _ location: SourceLocation = #_sourceLocation) {
        #expect(throws: DiscoveryError(.textMalformed, ""), sourceLocation: location) {
            try TextRecord(strings: strings)
        }
    }
}
