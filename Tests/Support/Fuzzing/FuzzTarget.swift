/// A reader of bytes from outside, and what must hold whatever it is fed with.
package struct FuzzTarget: Sendable {
    /// As `Config/fuzz` takes it.
    package let name: String
    /// Bytes of memory that are live at once at most while an input of so many bytes is read.
    package let heapBytes: @Sendable (Int) -> Int
    /// Inputs to begin with: the project's vectors, or what the format's tests use.
    package let seeds: @Sendable () throws -> [[UInt8]]
    /// Reads an input; throws `Broken` where something does not hold. What the reader refuses is no error here.
    package let check: @Sendable ([UInt8]) throws -> Void

    init(
        _ name: String, heapBytes: @escaping @Sendable (Int) -> Int = FuzzTarget.proportional,
        seeds: @escaping @Sendable () throws -> [[UInt8]], check: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        (self.name, self.heapBytes, self.seeds, self.check) = (name, heapBytes, seeds, check)
    }

    /// For formats without compression: a value, its encoding and what a comparison of them needs.
    static let proportional: @Sendable (Int) -> Int = { 256 * $0 + 256 << 10 }
}

/// Something that must hold of a reader does not.
package struct Broken: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Throws `Broken` unless it holds.
func hold(_ condition: Bool, _ what: @autoclosure () -> String) throws(Broken) {
    if !condition { throw Broken(what()) }
}
