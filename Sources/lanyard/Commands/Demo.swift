import ArgumentParser
import ControlAPI

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Two agents on this machine, in temporary folders, syncing before your eyes.")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let interruption = Interruption()
        let folders = try interruption.begin { () throws(ControlError) in
            let folders = try DemoFolders()
            return (folders, { [root = folders.root] in DemoFolders.remove(root) })
        }
        // The agents end before their folders go.
        defer { withExtendedLifetime(folders) { interruption.cleanUp() } }
        tell("Two folders: \(folders.folder("left")) and \(folders.folder("right"))")
        let left = try ChildAgent(home: folders.home("left"), folder: folders.folder("left"), interruption)
        let right = try ChildAgent(home: folders.home("right"), folder: folders.folder("right"), interruption)
        try left.awaitReady()
        try right.awaitReady()
        let script = DemoScript(folders: folders, left: left, right: right)
        tell("Two agents are running. Left invites, right joins.")
        try script.pair()
        var outcomes: [DemoScript.Outcome] = []
        for step in DemoScript.steps {
            let outcome = try script.perform(step, interruption)
            tell("  \(step.what): there after \(outcome.milliseconds) ms")
            outcomes.append(outcome)
        }
        tell("Stopping both agents and removing the folders.")
        if global.json { Console.line(try ControlJSON.text(outcomes)) }
    }

    private func tell(_ line: String) { if !global.json { Console.line(line) } }
}
