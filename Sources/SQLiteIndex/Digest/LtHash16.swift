internal import Cryptography
public import SyncModel

/// A hash of a set that changes by one expansion when an element comes or goes (LtHash16: 1,024 lanes of 16 bits, an
/// element expanded by SHAKE128). Order plays no part. The exact bytes: the page Digest of this module's documentation.
public struct LtHash16: Hashable, Sendable {
    public static let laneCount = 1_024
    public static let stateBytes = 2_048

    private var lanes: [UInt16]

    /// The empty set.
    public init() { lanes = [UInt16](repeating: 0, count: Self.laneCount) }

    /// From `state`; nil unless there are exactly 2,048 bytes.
    public init?(state: UnsafeRawBufferPointer) {
        guard state.count == Self.stateBytes else { return nil }
        lanes = [UInt16](unsafeUninitializedCapacity: Self.laneCount) { lanes, count in
            for lane in 0..<Self.laneCount {
                lanes[lane] = UInt16(littleEndian: state.loadUnaligned(fromByteOffset: lane * 2, as: UInt16.self))
            }
            count = Self.laneCount
        }
    }

    /// The lanes in order, each little-endian.
    public var state: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.stateBytes) { bytes, count in
            for (index, lane) in lanes.enumerated() {
                bytes[index * 2] = UInt8(truncatingIfNeeded: lane)
                bytes[index * 2 + 1] = UInt8(truncatingIfNeeded: lane >> 8)
            }
            count = Self.stateBytes
        }
    }

    /// SHA-256 of the state.
    public var digest: Bytes32 { SHA256.hash(state) }

    /// Adds an element.
    public mutating func insert(_ element: [UInt8]) { combine(element) { $0 &+ $1 } }

    /// Takes out an element that was added.
    public mutating func remove(_ element: [UInt8]) { combine(element) { $0 &- $1 } }

    /// The union of two disjoint sets.
    public mutating func add(_ other: LtHash16) {
        for lane in 0..<Self.laneCount { lanes[lane] &+= other.lanes[lane] }
    }

    @inline(__always)
    private mutating func combine(_ element: [UInt8], _ operation: (UInt16, UInt16) -> UInt16) {
        withUnsafeTemporaryAllocation(byteCount: Self.stateBytes, alignment: 32) { expansion in
            element.withUnsafeBytes { SHAKE128.expand($0, into: expansion) }
            let words = UnsafeRawBufferPointer(expansion).assumingMemoryBound(to: UInt16.self)
            lanes.withUnsafeMutableBufferPointer { lanes in
                for lane in 0..<Self.laneCount {
                    lanes[lane] = operation(lanes[lane], UInt16(littleEndian: words[lane]))
                }
            }
        }
    }
}
