extension Descriptor {
    /// Fills `buffer` from `offset` on; returns how many bytes there were, fewer only at the file's end.
    /// - Throws: `.inputOutput` …
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileSystemError) -> Int {
        do throws(Errno) { return try readAll(into: buffer, at: offset) } catch {
            throw FileSystemError(error, "read", "an open file")
        }
    }

    /// The stat of the open file, as it is now.
    public func entryStat() throws(FileSystemError) -> EntryStat {
        do throws(Errno) { return try stat() } catch { throw FileSystemError(error, "look at", "an open file") }
    }
}
