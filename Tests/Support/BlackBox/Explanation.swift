/// Whether what was seen of one path can be explained: a model of synchronised files in the style of "Mysteries of
/// Dropbox" (Hughes, Pierce, Arts and Norell, ICST 2016), which knows nothing of Lanyard's code.
///
/// **What is seen.** A person at a device writes, deletes or reads; each tells the value that stood there until then.
/// `stable` tells what every device has once all say that they are in sync, with the values of all conflict copies.
///
/// **What is conjectured.** Where the paper has uploads to a server and downloads from it, devices here hear from each
/// other, unseen and at any time. A write or a deletion is an *event*. A device *knows* some events and *shows* one of
/// them; a new event has seen what its device knew. Agents look some time after people act, and messages are on their
/// way: so a device hears of all that another one knows, or knew before or after something its person did. Then:
///
/// - who knows all that the other one knows, and more, has the newer file;
/// - if one of the two shown events is known to the other device and not the other way round, it was seen and then
///   replaced, and the newer one is shown;
/// - equal values are no conflict, and an edit beats a deletion;
/// - of two other values one wins, the same on every device, and the other one must be in a conflict copy from then on.
///   (No copy need come of two events that both devices know: that conflict was met before.)
///
/// A file that is replaced before its own agent has looked may never have been; one that is written with the value that
/// others wrote before may be taken for theirs, and with the one that it has already it need be no event.
///
/// **What must hold.** Some sequence of unseen events leads to all that was seen. Where it is stable, every device
/// knows every event, all show one value, and the conflict copies are those that were owed, no fewer and no more. What
/// was settled then is known to all: it does not come back.
///
/// All that may have happened is followed at once, as a set of states, which is bounded.
package struct Explanation {
    /// Beyond so many states nothing is told any more.
    private static let greatestStates = 400_000

    private let devices: Int
    /// By event.
    private var values: [Int?] = [nil]
    private var authors: [Int?] = [nil]
    private var states: Set<PathState> = [PathState()]
    /// The values of copies that were made before it was stable last.
    private var settledCopies: Set<Int> = []
    /// Why what was seen can't be; nil as long as it can.
    package private(set) var failure: String?
    /// Whether there were too many states to follow: then nothing that is seen is taken for a failure.
    package private(set) var isUndecided = false
    /// The greatest number of states so far.
    package private(set) var width = 1

    package init(devices: Int) {
        precondition(devices <= PathState.greatestDevices, "so many devices can't be told apart")
        self.devices = devices
    }

    /// Takes what was seen next.
    package mutating func take(_ observation: Observation) {
        guard failure == nil, !isUndecided else { return }
        conjecture()
        if isUndecided { return }
        let before = states
        switch observation {
        case .wrote(let device, let value, let over): change(at: device, to: value, over: over)
        case .deleted(let device, let over): change(at: device, to: nil, over: over)
        case .read(let device, let value): states = states.filter { values[$0.shows(device)] == value }
        case .stable(let seen, let copies): settle(seen, copies)
        }
        width = max(width, states.count)
        if states.isEmpty { failure = "\(observation), but possible was \(possible(observation, before))" }
    }

    /// Adds all that may happen unseen.
    private mutating func conjecture() {
        var fresh = Array(states)
        let deeds = (0..<devices).map { device in authors.indices.filter { authors[$0] == device } }
        while let state = fresh.popLast() {
            for device in 0..<devices {
                for other in 0..<devices where other != device {
                    for view in state.views(of: other, deeds: deeds[other]) {
                        for next in state.hearing(device, view, values: values) where states.insert(next).inserted {
                            fresh.append(next)
                        }
                    }
                }
            }
            if states.count > Self.greatestStates {
                isUndecided = true
                return
            }
        }
    }

    private mutating func change(at device: Int, to value: Int?, over: Int?) {
        guard values.count < PathState.greatestEvents else {
            isUndecided = true
            return
        }
        let event = values.count
        let alike = values.indices.filter { $0 != 0 && value != nil && values[$0] == value }
        values.append(value)
        authors.append(device)
        var changed: Set<PathState> = []
        for state in states where values[state.shows(device)] == over {
            var base = state
            while true {
                if values[base.shows(device)] == value { changed.insert(base) }
                if value != nil || values[base.shows(device)] != nil {
                    var made = base
                    made.make(event, at: device)
                    changed.insert(made)
                }
                for other in alike where !base.knows(device, other) && isSomewhere(other, base) {
                    var adopting = base
                    adopting.adopt(other, at: device)
                    changed.insert(adopting)
                }
                guard authors[base.shows(device)] == device,
                    let earlier = base.withoutUnnoticed(device, devices: devices)
                else { break }
                base = earlier
            }
        }
        states = changed
    }

    private func isSomewhere(_ event: Int, _ state: PathState) -> Bool {
        (0..<devices).contains { state.knows($0, event) }
    }

    private mutating func settle(_ seen: [Int?], _ copies: [Set<Int>]) {
        let agreed = settled(states)
        guard let value = seen.first, let found = copies.first, seen.allSatisfy({ $0 == value }),
            copies.allSatisfy({ $0 == found }), agreed.contains(Settled(value: value, copies: found))
        else { return states = [] }
        values = [value]
        authors = [nil]
        states = [PathState()]
        settledCopies = found
    }

    private struct Settled: Hashable, CustomStringConvertible {
        let value: Int?
        let copies: Set<Int>

        var description: String { "\(value.map { "\($0)" } ?? "nothing") with copies \(copies.sorted())" }
    }

    /// What can be stable.
    private func settled(_ states: Set<PathState>) -> Set<Settled> {
        var found: Set<Settled> = []
        for state in states {
            let isAgreed = (1..<devices).allSatisfy {
                state.known[$0] == state.known[0] && values[state.shows($0)] == values[state.shows(0)]
            }
            guard isAgreed else { continue }
            let copies = values.indices.compactMap { state.copies & (1 << UInt16($0)) == 0 ? nil : values[$0] }
            found.insert(Settled(value: values[state.shows(0)], copies: settledCopies.union(copies)))
        }
        return found
    }

    private func possible(_ observation: Observation, _ before: Set<PathState>) -> String {
        let shown: (Int) -> String = { device in
            let values = Set(before.map { self.values[$0.shows(device)].map { "\($0)" } ?? "nothing" })
            return values.sorted().joined(separator: ", ")
        }
        return switch observation {
        case .wrote(let device, _, _), .deleted(let device, _), .read(let device, _): shown(device)
        case .stable: settled(before).map(\.description).sorted().joined(separator: "; ")
        }
    }
}
