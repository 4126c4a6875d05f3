internal import SeededRandom
package import SyncModel

/// Thirty-two bytes that are easily told apart.
package func sampleBytes(_ number: UInt64) -> Bytes32 {
    var generator = SeededGenerator(seed: number)
    let bytes = (0..<32).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    return bytes.withUnsafeBytes { Bytes32($0) }
}

package func sampleDevice(_ number: UInt64) -> DeviceID { DeviceID(sampleBytes(number &+ 1_000_000)) }

package func sampleAuthor(_ number: UInt64, epoch: UInt64 = 1) -> Author {
    Author(device: sampleDevice(number), epoch: IndexEpoch(epoch))
}

package func sampleFile(_ number: UInt64) -> Content {
    .file(FileContent(size: number % 7, hash: ContentHash(sampleBytes(number &+ 2_000_000))))
}

/// A path that is known to be one.
package func samplePath(_ text: String) -> RelativePath {
    guard let path = try? RelativePath(text) else { preconditionFailure("no path: \(text)") }
    return path
}
