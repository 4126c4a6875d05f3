import SeededRandom
import SyncModel
import Testing

/// Texts and bytes of what is fixed in length.
@Suite struct IdentifierTests {
    private static let ascending = [UInt8](0..<32)
    private static let digits = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

    private func bytes(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    @Test func thirtyTwoBytesComeBackFromEachOfTheirForms() throws {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let bytes = bytes(32, &generator)
            let value = try #require(Bytes32(bytes))
            #expect(value.bytes == bytes)
            #expect(bytes.withUnsafeBytes { Bytes32($0) } == value)
            #expect(([9] + bytes).withUnsafeBytes { Bytes32(UnsafeRawBufferPointer(rebasing: $0[1...])) } == value)
            var appended: [UInt8] = [7]
            value.append(to: &appended)
            #expect(appended == [7] + bytes)
            #expect(value.prefix == bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
            #expect(Bytes32(bytes.reversed().reversed() as [UInt8]) == value)
        }
        #expect(Bytes32.zero.bytes == [UInt8](repeating: 0, count: 32))
    }

    @Test(arguments: [0, 1, 31, 33, 64]) func anotherLengthIsNone(count: Int) {
        #expect(Bytes32([UInt8](repeating: 1, count: count)) == nil)
        #expect(FolderID([UInt8](repeating: 1, count: count)) == nil)
    }

    @Test func orderIsThatOfTheBytes() throws {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<500 {
            var left = bytes(32, &generator)
            var right = left
            // They differ in one byte of any word, in its lowest or its highest bit.
            right[Int.random(in: 0..<32, using: &generator)] ^= Bool.random(using: &generator) ? 1 : 0x80
            if Bool.random(using: &generator) { swap(&left, &right) }
            let (first, second) = (try #require(Bytes32(left)), try #require(Bytes32(right)))
            #expect((first < second) == left.lexicographicallyPrecedes(right))
            let folders = (try #require(FolderID(left.prefix(16))), try #require(FolderID(right.prefix(16))))
            #expect((folders.0 < folders.1) == left.prefix(16).lexicographicallyPrecedes(right.prefix(16)))
            #expect((ContentHash(first) < ContentHash(second)) == (DeviceID(first) < DeviceID(second)))
        }
    }

    @Test func devicesHaveALongAndAShortText() throws {
        let device = DeviceID(try #require(Bytes32(Self.ascending)))
        #expect(device.description == Self.digits)
        #expect(device.short == "0001-0203-0405")
        #expect(DeviceID(text: Self.digits) == device)
        #expect(DeviceID(text: Self.digits.uppercased()) == device)
        let grouped = stride(from: 0, to: 64, by: 4).map { Self.digits.dropFirst($0).prefix(4) }.joined(separator: "-")
        #expect(DeviceID(text: grouped) == device)
        for text in ["", "-", String(Self.digits.dropLast()), String(Self.digits.dropLast(2)), Self.digits + "00"] {
            #expect(DeviceID(text: text) == nil, "\(text)")
        }
        #expect(DeviceID(text: String(Self.digits.dropLast()) + "g") == nil)
        #expect(DeviceID(text: " " + Self.digits.dropLast()) == nil)
    }

    @Test func foldersHaveOneText() throws {
        let folder = try #require(FolderID([UInt8](0..<16)))
        #expect(folder.description == String(Self.digits.prefix(32)))
        #expect(folder == FolderID(high: 0x0001_0203_0405_0607, low: 0x0809_0a0b_0c0d_0e0f))
        #expect(FolderID(text: folder.description) == folder)
        #expect(FolderID(text: folder.description.uppercased()) == folder)
        for text in ["", "00", String(Self.digits.prefix(31)), String(Self.digits.prefix(34)), Self.digits] {
            #expect(FolderID(text: text) == nil, "\(text)")
        }
        #expect(folder.bytes == [UInt8](0..<16))
    }

    @Test func hexadecimalTextGoesThereAndBack() throws {
        var generator = SeededGenerator(seed: 3)
        for count in 0..<100 {
            let bytes = bytes(count, &generator)
            let text = Hexadecimal.encode(bytes)
            #expect(text.utf8.count == 2 * count)
            #expect(Hexadecimal.decode(text) == bytes)
            #expect(Hexadecimal.decode(text.uppercased()) == bytes)
        }
        #expect(Hexadecimal.encode([UInt8](0...255)).hasSuffix("fdfeff"))
    }

    @Test func everyOtherCharacterIsRefused() {
        let digits = Set("0123456789abcdefABCDEF".utf8)
        for character in UInt8(0)...127 {
            let text = "0" + String(UnicodeScalar(character))
            #expect((Hexadecimal.decode(text) != nil) == digits.contains(character), "\(character)")
        }
        // A full-width digit, a sign, an odd number.
        for text in ["０１", "+1", "-1", "0x", "1", "123"] { #expect(Hexadecimal.decode(text) == nil, "\(text)") }
    }
}
