import SyncModel

/// Thirty-two bytes that are easily told apart.
func sampleBytes(_ number: UInt64) -> Bytes32 {
    var generator = SeededGenerator(seed: number)
    let bytes = (0..<32).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    return Bytes32(bytes) ?? .zero
}

func sampleDevice(_ number: UInt64) -> DeviceID { DeviceID(sampleBytes(number &+ 1_000_000)) }

func sampleAuthor(_ number: UInt64, epoch: UInt64 = 1) -> Author {
    Author(device: sampleDevice(number), epoch: IndexEpoch(epoch))
}
