import AgentProcesses
import Testing

/// The program itself on loopback: real processes, files and sockets, one test at a time.
@Suite(.serialized) enum AgentProcessTests {
    /// A world for the length of `body`.
    static func inWorld(_ body: (AgentWorld) throws -> Void) throws {
        let world = try AgentWorld()
        defer { world.tearDown() }
        try body(world)
    }
}
