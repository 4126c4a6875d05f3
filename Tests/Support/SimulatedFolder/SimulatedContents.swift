import ModelFolder
package import SyncModel

/// A digest for simulations: fast, the same in each run, and without collisions in practice.
@Sendable package func simulatedHash(_ bytes: [UInt8]) -> Bytes32 {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return sampleBytes(state)
}

/// The content of a number: 0 is the empty one, each seventh is too large to travel along with records.
@Sendable package func simulatedFile(_ number: UInt64) -> Content {
    if number == 0 { return .file(FileContent(size: 0, hash: ContentHash(simulatedHash([])))) }
    let size = number % 7 == 3 ? UInt64(Limits.inlineBytes) + number % 1_000 : 1 + number % 999
    return .file(FileContent(size: size, hash: ContentHash(sampleBytes(number &+ 5_000_000))))
}
