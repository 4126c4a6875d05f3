internal import CLinux

/// The names in one directory, in byte order, each with a NUL behind it: one allocation for all of them, because
/// directories of hundreds of thousands of names occur.
struct NameList {
    /// A name's place, and its first eight bytes as a number, which decide most comparisons.
    private struct Place {
        let prefix: UInt64
        let offset: UInt32
        let length: UInt32
    }

    private var bytes: [UInt8] = []
    private var places: [Place] = []

    var count: Int { places.count }

    /// Reads the directory, through `buffer`, and sorts.
    init(of directory: Int32, through buffer: UnsafeMutableRawBufferPointer) throws(Errno) {
        while true {
            let count = try Errno.check(linux_getdents(directory, buffer.baseAddress, buffer.count))
            if count == 0 { break }
            parse(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)]))
        }
        sort()
    }

    /// Lends the name at `index`, without its NUL and, as a pointer, with it.
    func withName<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer, UnsafePointer<CChar>) -> Result) -> Result {
        let place = places[index]
        return bytes.withUnsafeBytes { all in
            let start = Int(place.offset)
            let name = UnsafeRawBufferPointer(rebasing: all[start..<(start + Int(place.length))])
            let pointer = name.baseAddress?.assumingMemoryBound(to: CChar.self)
            guard let pointer else { preconditionFailure("a name is never empty") }
            return body(name, pointer)
        }
    }

    func contains(_ wanted: [UInt8]) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            let isBefore = withName(middle) { name, _ in name.lexicographicallyPrecedes(wanted) }
            if isBefore { low = middle + 1 } else { high = middle }
        }
        return low < count && withName(low) { name, _ in name.elementsEqual(wanted) }
    }

    /// linux_dirent64: inode (8), offset (8), record length (2), type (1), name to its NUL.
    private mutating func parse(_ records: UnsafeRawBufferPointer) {
        var start = 0
        while start + 19 < records.count {
            let length = Int(records.loadUnaligned(fromByteOffset: start + 16, as: UInt16.self))
            guard length > 19, start + length <= records.count else { return }
            let field = UnsafeRawBufferPointer(rebasing: records[(start + 19)..<(start + length)])
            add(UnsafeRawBufferPointer(rebasing: field.prefix { $0 != 0 }))
            start += length
        }
    }

    private mutating func add(_ name: UnsafeRawBufferPointer) {
        let dot = UInt8(ascii: ".")
        if name.isEmpty || name[0] == dot && (name.count == 1 || name.count == 2 && name[1] == dot) { return }
        var prefix: UInt64 = 0
        for index in 0..<8 { prefix = prefix << 8 | UInt64(index < name.count ? name[index] : 0) }
        places.append(Place(prefix: prefix, offset: UInt32(bytes.count), length: UInt32(name.count)))
        bytes.append(contentsOf: name)
        bytes.append(0)
    }

    private mutating func sort() {
        bytes.withUnsafeBytes { all in
            places.sort { left, right in
                if left.prefix != right.prefix { return left.prefix < right.prefix }
                let (first, second) = (Int(left.offset), Int(right.offset))
                let shared = min(left.length, right.length)
                var index = 8
                while index < shared {
                    if all[first + index] != all[second + index] { return all[first + index] < all[second + index] }
                    index += 1
                }
                return left.length < right.length
            }
        }
    }
}
