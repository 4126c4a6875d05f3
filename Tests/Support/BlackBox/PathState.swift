/// One thing that may have happened behind what was seen of a path: which events each device knows, and which one it
/// shows. Events are numbered; 0 is what stood there at first, and everyone knows it.
struct PathState: Hashable {
    static let greatestDevices = 4
    static let greatestEvents = 16

    /// A bit for each event that a device knows.
    private(set) var known: SIMD4<UInt16>
    /// The event that a device shows.
    private(set) var shown: SIMD4<UInt8>
    /// Of each event: what its author knew before, and what he saw.
    private var past: SIMD16<UInt16>
    private var over: SIMD16<UInt8>
    /// For each event the events that it has won over: once decided, it is so on every device.
    private var beats: SIMD16<UInt16>
    /// The events whose values lost a conflict.
    private(set) var copies: UInt16

    init() {
        known = SIMD4(repeating: 1)
        shown = SIMD4(repeating: 0)
        past = SIMD16(repeating: 0)
        over = SIMD16(repeating: 0)
        beats = SIMD16(repeating: 0)
        copies = 0
    }

    func knows(_ device: Int, _ event: Int) -> Bool { known[device] & bit(event) != 0 }

    func shows(_ device: Int) -> Int { Int(shown[device]) }

    // MARK: What a person does

    /// The person at `device` made `event` of what he saw.
    mutating func make(_ event: Int, at device: Int) {
        past[event] = known[device]
        over[event] = shown[device]
        known[device] |= bit(event)
        shown[device] = UInt8(event)
    }

    /// He wrote what others had written before, and the device took his file for theirs.
    mutating func adopt(_ event: Int, at device: Int) {
        known[device] |= past[event] | bit(event)
        shown[device] = UInt8(event)
    }

    /// Before what `device` shows, if its own agent may not have looked at it yet: then it may be replaced as if it
    /// had never been. Nil where somebody else knows it, or something came since.
    func withoutUnnoticed(_ device: Int, devices: Int) -> PathState? {
        let event = shows(device)
        guard event != 0, known[device] == past[event] | bit(event) else { return nil }
        for other in 0..<devices where other != device && knows(other, event) { return nil }
        var state = self
        state.known[device] = past[event]
        state.shown[device] = over[event]
        return state
    }

    // MARK: What is not seen

    /// What a device tells: what it knows and shows.
    struct View: Hashable {
        let known: UInt16
        let shown: UInt8
    }

    /// What others may hear from `device`: what it has, or had before or after something that its person did.
    func views(of device: Int, deeds: [Int]) -> [View] {
        var views = [View(known: known[device], shown: shown[device])]
        for event in deeds where knows(device, event) {
            views.append(View(known: past[event], shown: over[event]))
            views.append(View(known: past[event] | bit(event), shown: UInt8(event)))
        }
        return views
    }

    /// What can become of this where `device` hears what another one tells.
    func hearing(_ device: Int, _ view: View, values: [Int?]) -> [PathState] {
        let isKnown = view.known & ~known[device] == 0
        if isKnown, shown[device] == view.shown || view.known != known[device] { return [] }
        var state = self
        state.known[device] |= view.known
        let (mine, theirs) = (shows(device), Int(view.shown))
        if mine == theirs { return [state] }
        if known[device] & ~view.known == 0, !isKnown {
            state.shown[device] = view.shown
            return [state]
        }
        switch (view.known & bit(mine) != 0, knows(device, theirs)) {
        case (true, false):
            state.shown[device] = view.shown
            return [state]
        case (false, true): return [state]
        case (let isKnown, _): return state.meeting(device, mine, theirs, values: values, isCopyFree: isKnown)
        }
    }

    /// Neither of two events has seen the other, or (`isCopyFree`) both were known to both already.
    private func meeting(
        _ device: Int, _ mine: Int, _ theirs: Int, values: [Int?], isCopyFree: Bool
    ) -> [PathState] {
        var taken = self
        taken.shown[device] = UInt8(theirs)
        if values[mine] == values[theirs] { return [self, taken] }
        // An edit beats a deletion.
        if values[mine] == nil { return [taken] }
        if values[theirs] == nil { return [self] }
        var states: [PathState] = []
        if beats[theirs] & bit(mine) == 0 { states += conflict(mine, over: theirs, isCopyFree) }
        if beats[mine] & bit(theirs) == 0 { states += taken.conflict(theirs, over: mine, isCopyFree) }
        return states
    }

    private func conflict(_ winner: Int, over loser: Int, _ isCopyFree: Bool) -> [PathState] {
        var state = self
        state.beats[winner] |= bit(loser)
        var copied = state
        copied.copies |= bit(loser)
        return isCopyFree ? [state, copied] : [copied]
    }

    private func bit(_ event: Int) -> UInt16 { 1 << UInt16(event) }
}
