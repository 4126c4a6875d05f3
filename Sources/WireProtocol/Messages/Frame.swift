/// What the transport carries: a type byte and a payload of at most `Limits.frameBytes`.
public struct Frame: Hashable, Sendable {
    public var type: UInt8
    public var payload: [UInt8]

    public init(type: UInt8, payload: [UInt8]) { (self.type, self.payload) = (type, payload) }
}
