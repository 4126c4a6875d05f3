import Testing
import WireProtocol

/// Frames travel compressed only where both sides said so.
@Suite struct SessionCompressionTests {
    private static let message = Message.compressed(CompressedFrames(count: 9, bytes: [1, 2, 3]))

    private static func pair(
        _ left: Capabilities, _ right: Capabilities, leftPaired: Bool = true, rightPaired: Bool = true
    ) throws -> SessionPair {
        try SessionPair(
            leftPaired: leftPaired, rightPaired: rightPaired,
            left: SessionPair.hello("left", capabilities: left),
            right: SessionPair.hello("right", capabilities: right)
        ).opened()
    }

    /// What both sides have, and what is agreed then; bits that nobody knows mean nothing.
    @Test(
        arguments: [
            ([.inlineContent, .zstd], [.zstd], [.zstd]),
            ([.zstd], [.inlineContent], []),
            ([], [.zstd], []),
            ([.zstd, Capabilities(rawValue: 1 << 40)], [.zstd, Capabilities(rawValue: 1 << 41)], [.zstd]),
        ] as [(Capabilities, Capabilities, Capabilities)])
    func itIsAgreedWhereBothCan(left: Capabilities, right: Capabilities, agreed: Capabilities) throws {
        var pair = try Self.pair(left, right)
        #expect(pair.left.agreed == agreed && pair.right.agreed == agreed)
        if agreed.contains(.zstd) {
            #expect(try pair.rightSends(Self.message) == [.message(Self.message)])
            #expect(!pair.left.isOver)
        } else {
            #expect(throws: WireError(.outOfState, "")) { try pair.right.send(Self.message) }
            let output = try pair.rightForges(Self.message)
            #expect(output.failure == .outOfState && pair.left.isOver)
        }
    }

    @Test func itIsForPairedDevices() throws {
        for (left, right) in [(true, false), (false, true), (false, false)] {
            var pair = try Self.pair([.zstd], [.zstd], leftPaired: left, rightPaired: right)
            #expect(try pair.rightForges(Self.message).failure == .notPaired)
            #expect(throws: WireError(.notPaired, "")) { try pair.right.send(Self.message) }
        }
    }

    @Test func beforeTheHelloNothingIsAgreed() throws {
        var session = PeerSession(hello: SessionPair.hello("left", capabilities: .zstd), isPaired: true, now: 0)
        #expect(session.agreed == [])
        #expect(try session.receive(WireCodec.encode(Self.message), now: 0).failure == .outOfState)
    }
}
