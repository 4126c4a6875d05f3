import ModelFolder
import SyncCore
import SyncEngine
package import SyncModel

/// What happens to devices and networks beside crashes and cut links.
extension SimulatedWorld {
    // MARK: Networks

    /// A link is gone, and only its first end has noticed: what the other sends is lost.
    package mutating func halfOpen(_ first: Int, _ second: Int) {
        guard first != second, areConnected(first, second) else { return }
        note("d\(first) and d\(second) disconnect, d\(second) does not notice")
        count(.cutLinks)
        links.removeAll { $0.devices.contains(first) && $0.devices.contains(second) }
        devices[first].inbox.append(.memberDisconnected(devices[second].id))
        unnoticed.append((second, first))
    }

    /// A device notices that a link is gone: before another one to the same device is opened, or some time later.
    mutating func noticeCuts(_ isMeant: (Int, Int) -> Bool = { _, _ in true }) {
        for (index, other) in unnoticed where isMeant(index, other) {
            if devices[index].isUp { devices[index].inbox.append(.memberDisconnected(devices[other].id)) }
        }
        unnoticed.removeAll { isMeant($0.device, $0.other) }
    }

    /// Those of a side can't reach those of the other until `mend`.
    package mutating func part(_ side: Set<Int>) {
        note("\(side.sorted()) and the others are parted")
        for first in side.sorted() {
            for second in devices.indices where !side.contains(second) {
                disconnect(first, second)
                parted.insert([first, second].sorted())
            }
        }
    }

    /// The network is whole again, and all that is left of old links is noticed; files can be read.
    package mutating func mend() {
        parted = []
        noticeCuts()
        for index in devices.indices { allowReading(index) }
    }

    // MARK: Time

    /// Nothing happens anywhere for so long.
    package mutating func pass(days: Int) {
        note("\(days) days pass")
        now += UInt64(days) * 86_400_000_000_000
        count(.pauses)
    }

    /// A device's clock, that of its disk with it, is wrong by so many seconds from now on.
    package mutating func setClock(_ index: Int, wrongBy seconds: Int64) {
        note("d\(index)'s clock is wrong by \(seconds) s")
        devices[index].disk.skew = seconds
        count(.wrongClocks)
    }

    // MARK: Disks

    /// A file can't be read until `allowReading`.
    package mutating func forbidReading(_ index: Int, _ path: RelativePath) {
        guard devices[index].disk[path]?.content.isDirectory == false else { return }
        note("d\(index) can't read \(path)")
        devices[index].unreadable.insert(path)
        devices[index].onceUnreadable.insert(path)
        count(.unreadableFiles)
    }

    package mutating func allowReading(_ index: Int) {
        let paths = devices[index].unreadable.sorted()
        devices[index].unreadable = []
        guard devices[index].isUp, !paths.isEmpty else { return }
        devices[index].inbox.append(.watched(paths.map { .changed($0) }))
    }

    // MARK: State

    /// Remembers a device's index, as a backup does.
    package mutating func backUp(_ index: Int) {
        note("d\(index)'s index is copied")
        devices[index].backup = devices[index].index
    }

    /// The process ends, and its index is put back to what it was when it was copied.
    /// - Parameter keepsMark: whether the folder remembers how far it had come. If not, only who meets it can tell.
    package mutating func rollBack(_ index: Int, keepsMark: Bool) {
        guard let backup = devices[index].backup else { return }
        crash(index)
        note("d\(index)'s index is put back\(keepsMark ? "" : ", and its mark is gone")")
        if !keepsMark { devices[index].mark = nil }
        count(.rolledBackIndices)
        devices[index].putBack(backup)
        // What it had still to place is as if it were told anew, until it meets somebody who knows better.
        made.formUnion(backup.needs.values.map(\.target.content))
    }

    /// A person renews the identity of who found that its index is not the latest of its kind: an index of its own.
    package mutating func renewRolledBack() -> Bool {
        guard let index = devices.indices.first(where: { devices[$0].machine?.status.hold?.cause == .identity }) else {
            return false
        }
        note("d\(index) is renewed")
        loseIndex(index)
        devices[index].backup = nil
        start(index)
        return true
    }

    // MARK: Copies of a device

    /// A device is copied to another machine: its disk, its index, and who it is.
    package mutating func clone(_ index: Int) {
        guard devices[index].twin.isEmpty else { return }
        note("d\(index) is copied")
        count(.clones)
        var twin = devices[index]
        twin.crash()
        devices[index].twin = [twin]
    }

    /// A device ends, and its copy goes on in its place: never are both there at a time.
    package mutating func swapTwins(_ index: Int) {
        guard let next = devices[index].twin.first else { return }
        crash(index)
        note("d\(index)'s copy goes on")
        devices[index].giveWay(to: next)
        // What nobody else who is there has ever had is as if it were made now: who deleted it is gone.
        for holder in devices {
            let others = devices.filter { $0.id != holder.id }
            made.formUnion(
                holder.disk.entries.values.map(\.content).filter { content in
                    !others.contains { $0.seen.contains(content) && $0.index.remembers(content) }
                })
        }
        // As where an index is put back.
        made.formUnion(next.index.needs.values.map(\.target.content))
        forgetAcknowledgements(of: index)
        start(index)
    }

    // MARK: Members

    /// A device is removed from the folder. It may hear of that.
    package mutating func remove(_ index: Int, isTold: Bool) {
        note("d\(index) is removed")
        removed.insert(index)
        count(.removals)
        for other in devices.indices { disconnect(index, other) }
        noticeCuts { $0 == index || $1 == index }
        for other in devices.indices where other != index || isTold { tell(other, .membersChanged(present)) }
    }

    /// A removed device is a member once more, with an index of its own for that.
    package mutating func bringBack(_ index: Int) {
        guard removed.remove(index) != nil else { return }
        note("d\(index) is a member again")
        members[index].incarnation += 1
        for other in devices.indices where other != index { tell(other, .membersChanged(present)) }
        let isUp = devices[index].isUp
        crash(index)
        renewIndex(index)
        devices[index].backup = nil
        if isUp { start(index) }
    }

    /// The members that are not removed.
    var present: [FolderMember] { members.enumerated().filter { !removed.contains($0.offset) }.map(\.element) }
}
