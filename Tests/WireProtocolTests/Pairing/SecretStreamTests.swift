import SyncModel
import Testing
import WireProtocol

@Suite struct SecretStreamTests {
    @Test func neverRepeatsAndDependsOnSeedAndChance() {
        var stream = SecretStream(seed: .zero)
        var same = stream
        var mixed = stream
        var seen: Set<Bytes32> = []
        for _ in 0..<1_000 { seen.insert(stream.next(mixing: 0)) }
        #expect(seen.count == 1_000)
        #expect(seen.contains(same.next(mixing: 0)))
        let other = mixed.next(mixing: 1)
        let following = mixed.next(mixing: 0)
        #expect(!seen.contains(other) && !seen.contains(following))
        guard let seed = Bytes32([UInt8](repeating: 1, count: 32)) else { return }
        var seeded = SecretStream(seed: seed)
        #expect(!seen.contains(seeded.next(mixing: 0)))
    }
}
