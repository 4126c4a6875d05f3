import ModelFolder
import SyncEngine
import SyncModel
import WireProtocol

extension SimulatedWorld {
    mutating func send(_ message: Message, to device: DeviceID, from index: Int) {
        guard let other = number(of: device), devices[index].connected.contains(other) else {
            return devices[index].fail("\(message.type) is sent to a member that is not connected")
        }
        check(message, to: other, from: index)
        // A link that it has not heard of yet: what it sends goes to the one before, which is cut.
        let isEarlier = devices[index].inbox.contains { if case .memberConnected(device) = $0 { true } else { false } }
        if isEarlier { return }
        guard let number = link(index, other) else { return }
        let side = links[number].side(of: index)
        if case .indexRequest(let request) = message, let text = links[number].note(request, by: side) {
            devices[index].fail(text)
        }
        links[number].sides[side].queue.append(.message(message))
    }

    private func link(_ first: Int, _ second: Int) -> Int? {
        links.firstIndex { $0.devices.contains(first) && $0.devices.contains(second) }
    }

    /// Nothing is told of the log that is not in it.
    private mutating func check(_ message: Message, to other: Int, from index: Int) {
        switch message {
        case .acknowledge(let acknowledge):
            devices[index].check(acknowledge, to: devices[other].id, isReader: isReader(other))
        case .folderState(let state):
            if let position = state.position, position.applied > position.received {
                devices[index].fail("more is applied than received")
            }
            if state.head > devices[index].index.mark.sequence {
                devices[index].fail("tells a head beyond its log")
            }
        default: break
        }
    }

    mutating func deliver(_ number: Int, _ side: Int) {
        let (from, to) = (links[number].devices[side], links[number].devices[1 - side])
        switch links[number].sides[side].queue.removeFirst() {
        case .message(.indexRequest(let request)):
            if !request.takesMoves { declinedMoves += 1 }
            links[number].take(request, at: 1 - side)
        case .message(.everHeldQuery(let query)):
            if let answer = devices[to].answer(query) { links[number].sides[1 - side].queue.append(.message(answer)) }
        case .message(.bucketRequest(let request)):
            links[number].sides[1 - side].queue += devices[to].answer(request).map { .message($0) }
        case .message(.recordsWanted(let wanted)):
            links[number].sides[1 - side].queue += devices[to].answer(wanted).map { .message($0) }
        case .message(let message):
            if case .records(let records) = message {
                for case .record(let record, _) in records.entries.map(\.item) {
                    let sequence = records.entries.first { $0.item == .record(record, inline: nil) }?.sequence ?? 0
                    devices[to].announced[devices[from].id, default: [:]][record.path] = sequence
                }
            }
            if case .acknowledge(let acknowledge) = message, acknowledge.epoch == devices[to].index.epoch {
                devices[to].acknowledged[devices[from].id] = acknowledge.upTo
            }
            if case .folderState(let state) = message { links[number].sides[1 - side].epoch = state.epoch }
            if case .barrierReached(let reached) = message { barrierAnswers.append((to, reached)) }
            devices[to].inbox.append(.message(devices[from].id, message))
        case .batch(let batch, let contents, let bytes):
            let admitted = links[number].admit(batch, bytes: bytes, to: 1 - side)
            if let text = admitted.failure { return devices[to].fail(text) }
            guard admitted.isTaken else { return }
            receive(batch, contents, bytes, from: from, to: to)
        }
    }

    private mutating func receive(_ batch: IndexBatch, _ contents: [FileContent], _ bytes: Int, from: Int, to: Int) {
        var batch = batch
        batch.entries.removeAll { entry in
            guard user.chance(perMille: interference.entries) else { return false }
            note("d\(to) is not told of \(entry.sequence) of d\(from)")
            devices[to].failedEffects += 1
            return true
        }
        let inline = contents.map { content in
            devices[to].lastHandle += 1
            devices[to].inline[devices[to].lastHandle] = content
            return HeldContent(content: content, handle: devices[to].lastHandle)
        }
        for entry in batch.entries {
            switch entry.item {
            case .record(let record, _):
                devices[to].announced[devices[from].id, default: [:]][record.path] = entry.sequence
            case .move(let move):
                for (path, row) in devices[from].index.rows
                where row.record.origin == move.origin && row.sequence <= batch.upTo {
                    devices[to].announced[devices[from].id, default: [:]][path] = entry.sequence
                }
                foldedMoves += 1
            }
        }
        devices[to].inbox.append(.indexBatch(devices[from].id, batch, inline: inline, bytes: bytes))
    }
}

extension SimulatedDevice {
    /// Nothing is acknowledged that is needed, or not flushed. Nobody takes what a reader tells.
    fileprivate mutating func check(_ acknowledge: Acknowledge, to other: DeviceID, isReader: Bool) {
        for need in index.needs.values {
            for source in need.sources where source.device == other && source.sequence <= acknowledge.upTo {
                fail("acknowledges \(need.path), which is \(need.state)")
            }
        }
        for path in dirty where !isReader {
            if let sequence = announced[other]?[path], sequence <= acknowledge.upTo, index.needs[path] == nil {
                fail("acknowledges \(path), which is not flushed")
            }
        }
        if acknowledge.upTo > index.peers[other]?.receivedSequence ?? 0 {
            fail("acknowledges what is not in the index")
        }
    }

    /// Like `FolderServices`; nil for one that stays silent.
    fileprivate func answer(_ query: EverHeldQuery) -> Message? {
        if query.items.isEmpty || query.items.count > Limits.foundEntries { return nil }
        let held: [Bool]
        switch witness {
        case .honest: held = query.items.map { index.hasHeld($0.content, at: $0.path) }
        case .affirming: held = query.items.map { _ in true }
        case .failing: return .requestFailed(RequestFailed(request: query.request, code: .unreadable))
        case .silent: return nil
        }
        return .everHeldAnswer(EverHeldAnswer(request: query.request, held: held))
    }
}
