/// A set of byte offsets as sorted ranges that neither touch nor overlap.
struct ByteRanges: Hashable {
    private(set) var ranges: [Range<UInt64>] = []

    mutating func insert(_ added: Range<UInt64>) {
        guard !added.isEmpty else { return }
        let first = firstIndex(endingAtOrAfter: added.lowerBound)
        var last = first
        var merged = added
        while last < ranges.count, ranges[last].lowerBound <= merged.upperBound {
            merged = min(merged.lowerBound, ranges[last].lowerBound)..<max(merged.upperBound, ranges[last].upperBound)
            last += 1
        }
        ranges.replaceSubrange(first..<last, with: [merged])
    }

    /// Whether every offset from 0 to `size` is in it.
    func covers(_ size: UInt64) -> Bool {
        guard size > 0 else { return true }
        return ranges.first.map { $0.lowerBound == 0 && $0.upperBound >= size } ?? false
    }

    private func firstIndex(endingAtOrAfter offset: UInt64) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
