/// A set of record positions: small numbers, one bit each.
struct RecordSet: Hashable, Sendable {
    private var words: [UInt64] = []

    mutating func insert(_ position: Int) {
        let word = position / 64
        while words.count <= word { words.append(0) }
        words[word] |= 1 << UInt64(position % 64)
    }

    mutating func formUnion(_ other: RecordSet) {
        while words.count < other.words.count { words.append(0) }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    func contains(_ position: Int) -> Bool {
        let word = position / 64
        return word < words.count && words[word] & (1 << UInt64(position % 64)) != 0
    }

    /// All positions below `count`.
    init(below count: Int) { for position in 0..<count { insert(position) } }

    init() {}

    /// Ascending.
    var positions: [Int] {
        words.indices.flatMap { word in
            (0..<64).filter { words[word] & (1 << UInt64($0)) != 0 }.map { word * 64 + $0 }
        }
    }
}
