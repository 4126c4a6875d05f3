import ControlAPI
import Foundation
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
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func interruptedItLeavesNothing(_ signal: Int32) throws {
        let demonstration = try place.spawn(["demo"])
        try place.wait { try place.leftovers.contains { $0.hasPrefix("lanyard-demo.") } }
        demonstration.signal(signal)
        #expect(try demonstration.waitForExit() == 128 + signal)
        #expect(try place.leftovers.isEmpty)
    }
}
