internal import CLinux

extension Descriptor {
    /// Writes all of `bytes` at `offset`.
    func writeAll(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(Errno) {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = linux_pwrite(number, rest.baseAddress, rest.count, Int64(offset) + Int64(written))
            written += Int(try Errno.check(count))
        }
    }

    func writeAll(_ bytes: [UInt8], at offset: UInt64) throws(Errno) {
        let failure = bytes.withUnsafeBytes { buffer -> Errno? in
            do throws(Errno) { try writeAll(buffer, at: offset) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }

    /// Fills `buffer` from `offset` on; returns how much there was, less than asked for only at the file's end.
    func readAll(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Errno) -> Int {
        var filled = 0
        while filled < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            let count = try Errno.check(
                linux_pread(number, rest.baseAddress, rest.count, Int64(offset) + Int64(filled)))
            if count == 0 { break }
            filled += Int(count)
        }
        return filled
    }
}
