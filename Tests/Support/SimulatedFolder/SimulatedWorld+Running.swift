import ModelFolder
import SyncCore
import SyncEngine
import SyncModel
import WireProtocol

extension SimulatedWorld {
    private enum Action {
        case take(Int)
        case lane(Int)
        case walk(Int)
        case read(Int)
        case look(Int)
        case fetch(Int)
        case tick(Int)
        case deliver(Int, side: Int)
        case pump(Int, side: Int)
    }

    /// Lets one thing happen; false if nothing can before the next deadline.
    package mutating func step() -> Bool {
        let actions = actions
        guard !actions.isEmpty else { return false }
        steps += 1
        now += UInt64(user.number(2_000_000))
        perform(actions[user.number(actions.count)])
        return true
    }

    private var actions: [Action] {
        var actions: [Action] = []
        // By number: a device taken out of its array is copied, and that costs more than all else here.
        for index in devices.indices where devices[index].isUp {
            if !devices[index].inbox.isEmpty { actions.append(.take(index)) }
            if devices[index].isLaneBusy { actions.append(.lane(index)) }
            if devices[index].canWalk { actions.append(.walk(index)) }
            if devices[index].canRead { actions.append(.read(index)) }
            if !devices[index].looks.isEmpty { actions.append(.look(index)) }
            if !devices[index].fetches.isEmpty { actions.append(.fetch(index)) }
            if let deadline = devices[index].deadline, deadline <= now { actions.append(.tick(index)) }
        }
        for number in links.indices {
            for side in 0..<2 {
                if !links[number].sides[side].queue.isEmpty { actions.append(.deliver(number, side: side)) }
                guard links[number].sides[side].request != nil, links[number].sides[side].queue.count < 8 else {
                    continue
                }
                if canPump(number, side) { actions.append(.pump(number, side: side)) }
            }
        }
        return actions
    }

    private func canPump(_ number: Int, _ side: Int) -> Bool {
        let device = links[number].devices[side]
        return links[number].canPump(
            side, devices[device].index.mark, devices[device].index.frontier, devices[device].index.epoch)
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .take(let index): handle(devices[index].inbox.removeFirst(), at: index)
        case .lane(let index): devices[index].runLane(&user, interference)
        case .walk(let index):
            devices[index].clock = now
            devices[index].secondLooks = interference.secondLooks
            devices[index].runWalk(&user)
        case .read(let index):
            devices[index].clock = now
            devices[index].secondLooks = interference.secondLooks
            repeat { devices[index].runRead(&user) } while !interference.interleavesReads && devices[index].isReading
        case .look(let index):
            devices[index].clock = now
            devices[index].runLook()
        case .fetch(let index): fetch(index)
        case .tick(let index): tick(index)
        case .deliver(let number, let side):
            if user.number(links[number].sides[side].slowness) == 0 { deliver(number, side) }
        case .pump(let number, let side):
            let (own, other) = (links[number].devices[side], Self.id(links[number].devices[1 - side]))
            let (place, limit) = (links[number].sides[side], links[number].batchRecords)
            let page = devices[own].page(for: place, to: other, limit: limit)
            links[number].pump(side, page)
        }
    }

    // MARK: The machine

    /// Gives the machine an event and takes its effects.
    mutating func handle(_ event: FolderEvent, at index: Int) {
        devices[index].eventCount += 1
        note("d\(index) <- \(event.summary)")
        let moment = Moment(
            monotonicNanoseconds: now, unixSeconds: Int64(now / 1_000_000_000) + devices[index].disk.skew,
            random: user.generator.next())
        switch event {
        case .memberConnected(let device): if let other = number(of: device) { devices[index].connected.insert(other) }
        case .memberDisconnected(let device):
            if let other = number(of: device) { devices[index].connected.remove(other) }
        default: break
        }
        if let ticket = event.ticket, devices[index].awaited == ticket { devices[index].awaited = nil }
        let effects = devices[index].handle(event, at: moment)
        for effect in effects { take(effect, of: index) }
    }

    private mutating func tick(_ index: Int) {
        handle(.tick, at: index)
        if let deadline = devices[index].deadline, deadline <= now {
            failures.append("d\(index): a tick leaves its deadline in the past")
        }
    }

    private mutating func take(_ effect: FolderEffect, of index: Int) {
        note("d\(index) -> \(effect.summary)")
        devices[index].checkBounds(effect)
        if let ticket = effect.ticket {
            if devices[index].awaited != nil { devices[index].fail("two effects with tickets: \(effect.summary)") }
            devices[index].awaited = ticket
            devices[index].lane.append(effect)
            if case .commit(_, let transaction) = effect, transaction.endsRebuild, devices[index].canRead {
                devices[index].fail("a rebuild ends before all was looked at")
            }
            return
        }
        switch effect {
        case .reopen: devices[index].lane.append(effect)
        case .scan(let subtree): devices[index].walks.append(subtree)
        case .read(let due): devices[index].reads.append(due)
        case .tookObservations:
            devices[index].outstanding -= 1
            if devices[index].outstanding < 0 { devices[index].fail("more observations taken than given") }
        case .fetch(let wanted): startFetch(wanted, index)
        case .cancelFetch(let content): devices[index].fetches.removeAll { $0.content == content }
        case .releaseInline(let handles): release(handles, index)
        case .send(let device, let message): send(message, to: device, from: index)
        case .checkMark(let device, let mark):
            if devices[index].index.refuses(mark) { devices[index].inbox.append(.markRefused(device)) }
        case .signRelease(let author, let counter): sign(author, upTo: counter, by: index)
        case .disconnect(let device, _, let text):
            guard let other = number(of: device), devices[other].lister != .honest else {
                return devices[index].fail("disconnects \(device.short): \(text)")
            }
            devices[index].refusals.append(text)
            disconnect(index, other)
        default: break
        }
    }

    /// Signatures are verified outside of the folder's machine.
    private mutating func sign(_ author: Author, upTo counter: UInt64, by index: Int) {
        devices[index].inbox.append(
            .released(
                DeletionRelease(
                    folder: Self.folder, author: author, upTo: counter, signer: devices[index].id, signerKey: [],
                    signature: [])))
    }

    private mutating func release(_ handles: [UInt64], _ index: Int) {
        for handle in handles where devices[index].inline.removeValue(forKey: handle) == nil {
            devices[index].fail("inline content \(handle) is released twice, or was never held")
        }
    }

    private mutating func startFetch(_ wanted: WantedContent, _ index: Int) {
        if devices[index].fetches.contains(where: { $0.content == wanted.content }) {
            return devices[index].fail("\(wanted.path) is fetched twice at once")
        }
        if devices[index].fetches.count >= Limits.activeTransfers { devices[index].fail("too many fetches") }
        devices[index].fetches.append(wanted)
    }

    // MARK: Contents

    /// Ends one order: the content is in the stage if anyone who was named has it now, or it stands here already.
    private mutating func fetch(_ index: Int) {
        let wanted = devices[index].fetches.remove(at: user.number(devices[index].fetches.count))
        if user.chance(perMille: interference.fetches) {
            devices[index].failedEffects += 1
            let obstacle: FetchObstacle = user.chance(50) ? .noSource : .disk(.inputOutput, message: "simulated")
            return devices[index].inbox.append(.fetchFailed(wanted.content, obstacle))
        }
        let sources = wanted.sources.compactMap { number(of: $0) }.filter { areConnected(index, $0) }
        let isThere =
            ([index] + sources).contains { devices[$0].has(wanted.content) }
            || wanted.sources.isEmpty && devices[index].disk.hasTaken(.file(wanted.content), from: wanted.former)
            || sources.contains {
                devices[$0].disk.hasTaken(.file(wanted.content), from: Array(wanted.former.prefix(1)))
            }
        guard isThere else { return devices[index].inbox.append(.fetchFailed(wanted.content, .noSource)) }
        if !devices[index].has(wanted.content) { count(.transfers) }
        devices[index].stage.insert(wanted.content)
        devices[index].inbox.append(.fetched([wanted.content]))
    }
}

extension SimulatedDevice {
    /// Whether what the row says still stands at its path.
    func holds(_ row: IndexRow) -> Bool {
        guard let state = row.disk, let entry = disk[row.record.path], !unreadable.contains(row.record.path) else {
            return false
        }
        return entry.content == row.record.content && entry.state.sameContent(as: state)
    }

    func has(_ content: FileContent) -> Bool {
        stage.contains(content) || index.rows.values.contains { $0.record.content == .file(content) && holds($0) }
    }
}
