/// Leaves out of a list what can be left out while something still fails.
package struct Shrinking {
    /// How often it is tried at most.
    package var attempts: Int

    package init(attempts: Int) { self.attempts = attempts }

    /// A list, of the same order, of which no single item can be left out any more, unless the attempts end before
    /// that: first halves are left out, then smaller and smaller pieces.
    package mutating func shrink(_ items: [Int], fails: ([Int]) -> Bool) -> [Int] {
        var items = items
        var length = max(1, items.count / 2)
        while attempts > 0 {
            let before = items.count
            var start = 0
            while start < items.count, attempts > 0 {
                attempts -= 1
                var fewer = items
                fewer.removeSubrange(start..<min(start + length, items.count))
                if fails(fewer) { items = fewer } else { start += length }
            }
            if length == 1, items.count == before { break }
            length = max(1, length / 2)
        }
        return items
    }
}
