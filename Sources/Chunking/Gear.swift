internal import Cryptography
internal import SyncModel

/// The table of the rolling hash: fixed by the format, see "ChunkFormat".
enum Gear {
    /// Entry `i` is the first eight bytes, big-endian, of SHA-256("lanyard gear 1" ‖ byte `i`).
    static let table: [UInt64] = (0..<256).map { index in
        SHA256.hash(Array("lanyard gear 1".utf8) + [UInt8(index)]).prefix
    }

    /// How many bytes the rolling hash looks back: each byte shifts it by one of its 64 bits.
    static let windowBytes = 64
    /// Cut below the target length: 17 bits, so early cuts are rare.
    static let strictMask: UInt64 = 0x7fff_c000_0000_0000
    /// Cut from the target length on: 13 of the same bits.
    static let laxMask: UInt64 = 0x7ffc_0000_0000_0000
}
