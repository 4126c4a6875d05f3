import ControlAPI
import Foundation
import LanHosts
import Testing

/// The demonstration as a person runs it: two real agents.
@Suite(.serialized) struct DemoRunTests {
    private let place: TestPlace

    init() throws { place = try TestPlace() }

    @Test func itEndsWellAndLeavesNothing() throws {
        let run = try place.run("demo")
        #expect(run.status == 0, "\(run.text)")
        #expect(run.text.contains("a deletion, right to left: there after"))
        #expect(try place.leftovers.isEmpty)
        #expect(try place.processes.isEmpty)
    }

    /// At moments at which it has begun an agent, waits for one, or is saving files.
    @Test(arguments: [("", SIGINT), ("left-state/control.sock", SIGTERM), ("left/notes", SIGINT)])
    func interruptedItLeavesNothing(_ moment: String, _ signal: Int32) throws {
        let demonstration = try place.spawn(["demo"])
        try place.wait {
            try place.leftovers.contains { access(place.path("\($0)/\(moment)"), F_OK) == 0 }
        }
        demonstration.signal(signal)
        #expect(try demonstration.waitForExit(within: 60) == 128 + signal)
        #expect(try place.leftovers.isEmpty)
        #expect(try place.processes.isEmpty)
    }
}
