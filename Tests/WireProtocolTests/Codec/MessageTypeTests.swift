import Testing
import WireProtocol

@Suite struct MessageTypeTests {
    @Test func numbersAreThoseOfTheSpecification() {
        #expect(MessageType.allCases.count == 37)
        #expect(MessageType.allCases.allSatisfy { $0.rawValue < MessageType.firstOptional })
        #expect(Message.ping(1).type.rawValue == 3)
        #expect(Message.cancelRequest(1).type.rawValue == 53)
        #expect(Message.compressed(CompressedFrames(count: 1, bytes: [1])).type.rawValue == 56)
    }
}
