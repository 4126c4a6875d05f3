internal import CLinux

/// An error number of the operating system, before it is known what was being done to what.
struct Errno: Error, Hashable {
    let number: Int32

    /// The value of a call of CLinux, which is negative when it failed.
    @discardableResult
    static func check<Value: SignedInteger & FixedWidthInteger>(_ value: Value) throws(Errno) -> Value {
        if value < 0 { throw Errno(number: Int32(truncatingIfNeeded: -value)) }
        return value
    }

    /// The system's text for it.
    var text: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let base = buffer.baseAddress else { return "error \(number)" }
            linux_error_text(number, base, buffer.count)
            return String(cString: base)
        }
    }

    static func == (error: Errno, number: Int32) -> Bool { error.number == number }
    static func != (error: Errno, number: Int32) -> Bool { error.number != number }
}

/// Lends `bytes` as a NUL-terminated name. They must hold no NUL, which `RelativePath` guarantees for its own.
func withName<Result>(_ bytes: some Collection<UInt8>, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
        var count = 0
        for byte in bytes {
            buffer[count] = CChar(bitPattern: byte)
            count += 1
        }
        buffer[count] = 0
        guard let base = buffer.baseAddress else { preconditionFailure("an allocation has an address") }
        return body(UnsafePointer(base))
    }
}
