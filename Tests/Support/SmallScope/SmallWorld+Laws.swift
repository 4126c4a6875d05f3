import ModelFolder
import SyncCore
import SyncModel

/// What must hold after a history, whatever it was.
extension SmallWorld {
    /// - Parameter paths: how many paths people used.
    package func verdict(paths: Int) -> Verdict {
        var verdict = Verdict(broken: failures + mergeFailures())
        let ends = [settled(isReversed: false), settled(isReversed: true)]
        for end in ends {
            verdict.broken += end.failures.filter { !failures.contains($0) }
            verdict.broken += end.differences() + end.lost() + end.falseCopies()
            end.resurrected(&verdict)
            if paths == 1 { end.overruled(&verdict) }
        }
        // With deletions and moves it may depend on who has met a conflict before.
        let isWritten = allDeeds.allSatisfy(\.isWriting)
        for path in Self.paths where isWritten && ends[0].content(path) != ends[1].content(path) {
            verdict.broken.append("what stands at \(path) depends on the order of exchanges")
        }
        return verdict
    }

    private func content(_ path: RelativePath) -> Content? { devices[0].disk[path]?.content }

    /// Every device hears from every other one until nothing is new.
    private func settled(isReversed: Bool) -> SmallWorld {
        var world = self
        let order = isReversed ? Array(devices.indices.reversed()) : Array(devices.indices)
        for _ in 0..<20 {
            var isQuiet = true
            for device in order {
                for other in order where other != device {
                    if world.take(device, from: other) { isQuiet = false }
                }
            }
            if isQuiet { return world }
        }
        world.failures.append("never quiet")
        return world
    }

    // MARK: Laws

    private func differences() -> [String] {
        var found: [String] = []
        for device in devices.dropFirst() {
            found += devices[0].disk.differences(from: device.disk)
            for path in Set(devices[0].rows.keys).union(device.rows.keys).sorted()
            where devices[0].rows[path]?.record.agreed != device.rows[path]?.record.agreed {
                found.append("records of \(path) differ")
            }
        }
        for (path, row) in devices[0].rows where !row.record.version.covers(row.record.origin) {
            found.append("the version of \(path) has not seen its own origin")
        }
        for (path, row) in devices[0].rows {
            let there = devices[0].disk[path]?.content
            if row.record.isDeleted ? there != nil : there != row.record.content {
                found.append("\(path) is not what its record says")
            }
        }
        return found
    }

    /// Whatever a person placed is there, or somebody who saw it did away with it.
    private func lost() -> [String] {
        let there = Set(devices[0].disk.entries.values.map(\.content))
        let destroyed = Set(allDeeds.compactMap(\.destroyed))
        let placed = Set(allDeeds.compactMap(\.placed))
        return placed.subtracting(destroyed).subtracting(there).map { "\($0) is lost" }
    }

    /// A copy is of something that was placed concurrently with something else.
    private func falseCopies() -> [String] {
        devices[0].rows.values.filter { $0.record.conflictOf != nil && !$0.record.isDeleted }.compactMap { row in
            let own = allDeeds.filter { $0.placed == row.record.content }
            let others = allDeeds.filter { $0.placed != nil && $0.placed != row.record.content }
            let isMet = own.contains { deed in others.contains { $0.isConcurrent(with: deed) } }
            return isMet ? nil : "a false conflict: \(row.record.path)"
        }
    }

    /// What was written once, and somebody did away with who had seen every deed that placed it, stands nowhere but in
    /// a copy.
    private func resurrected(_ verdict: inout Verdict) {
        for row in devices[0].rows.values where row.record.conflictOf == nil && !row.record.isDeleted {
            let content = row.record.content
            let placings = allDeeds.filter { $0.placed == content }
            let isOver = allDeeds.contains { deed in
                isWrittenOnce(content) && deed.destroyed == content
                    && placings.allSatisfy { deed.past & $0.bit != 0 }
            }
            if isOver { note("\(row.record.path) came back", content, &verdict) }
        }
    }

    /// At one path: what stands there was placed by a deed that no later one has seen. If there is such a deed,
    /// something stands there, but for what had lost a conflict already. Of what was written twice nothing is said:
    /// devices may have taken it for one file, and then who does away with one has done so with both.
    private func overruled(_ verdict: inout Verdict) {
        let last = allDeeds.filter { deed in !allDeeds.contains { $0.past & deed.bit != 0 } }
        let live = Set(last.compactMap(\.placed))
        if let content = content(Self.paths[0]) {
            if live.contains(content) || !isWrittenOnce(content) { return }
            return note("what stands there is older than what somebody made of it", content, &verdict)
        }
        let copies = devices[0].disk.entries.values.map(\.content)
        if !live.filter(isWrittenOnce).allSatisfy(copies.contains) { verdict.broken.append("a deletion beats an edit") }
    }

    private func note(_ what: String, _ content: Content, _ verdict: inout Verdict) {
        if let limitation = limitation(of: content) {
            verdict.known.insert(limitation)
        } else {
            verdict.broken.append(what)
        }
    }

    /// Why what was done away with is known to come back; nil where it is not.
    private func limitation(of content: Content) -> Limitation? {
        let own = allDeeds.filter { $0.placed == content }
        let ends = allDeeds.filter { $0.destroyed == content }
        if ends.isEmpty { return nil }
        let others = allDeeds.filter { deed in
            deed.placed != nil && deed.placed != content && own.contains { $0.isConcurrent(with: deed) }
        }
        let areBothOver = others.contains { other in
            allDeeds.contains { $0.destroyed == other.placed && ends.contains(where: $0.isConcurrent(with:)) }
        }
        if areBothOver { return .bothSidesDeleted }
        let moves = allDeeds.filter { $0.placed != nil && !$0.isWriting }
        if moves.contains(where: { move in ends.contains(where: move.isConcurrent(with:)) }) { return .followedAMove }
        return Set(others.map(\.device)).count > 1 ? .deletedAmongThree : nil
    }

    private func isWrittenOnce(_ content: Content) -> Bool {
        allDeeds.count { $0.placed == content && $0.isWriting } == 1
    }

    // MARK: Laws of merging

    private func mergeFailures() -> [String] {
        var found: [String] = []
        for path in Set(devices.flatMap { $0.rows.keys }) {
            let records = Set(devices.compactMap { $0.rows[path]?.record })
            for left in records {
                for right in records where left != right {
                    found += Self.failures(left, right)
                    for third in records where third != left && third != right {
                        found += Self.failures(left, right, third)
                    }
                }
            }
        }
        return found
    }

    /// Merging is commutative, and merging again changes nothing, up to hints of moves; the version is that of both.
    private static func failures(_ left: FileRecord, _ right: FileRecord) -> [String] {
        let (merged, other) = (merge(left, right), merge(right, left))
        var found: [String] = []
        if merged.record.agreed != other.record.agreed || merged.loser != other.loser {
            found.append("the order of merging decides at \(left.path)")
        }
        let again = merge(merged.record, left)
        if again.record.agreed != merged.record.agreed || again.loser != nil {
            found.append("merging again changes \(left.path)")
        }
        if merged.record.version != left.version.joined(with: right.version) {
            found.append("the merged version of \(left.path) is not that of both")
        }
        return found
    }

    /// Merging is associative in versions, and without deletions in contents; the rest agrees where both meet.
    private static func failures(_ left: FileRecord, _ middle: FileRecord, _ right: FileRecord) -> [String] {
        let one = merge(merge(left, middle).record, right).record
        let other = merge(left, merge(middle, right).record).record
        var isEqual = one.version == other.version
        if ![left, middle, right].contains(where: \.isDeleted) { isEqual = isEqual && one.content == other.content }
        let met = merge(one, other).record.agreed
        let isMet = met == merge(other, one).record.agreed
        return isEqual && isMet ? [] : ["merging in groups decides at \(left.path)"]
    }
}
