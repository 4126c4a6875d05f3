import ArgumentParser

/// The command line: `lanyard [--home DIR] COMMAND`.
struct Lanyard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lanyard",
        abstract: "Keeps folders identical on all your devices.",
        discussion: """
            Start with: lanyard up PATH, and on both devices: lanyard pair

            --home DIR (or LANYARD_HOME) names the directory that holds all state; it may stand before or after the \
            command. --json prints JSON.

            Exit status: 0 done or yes, 1 the answer is no, 2 the words can't be understood, 3 no agent is running, \
            4 understood and not done (not found, ambiguous, refused), 5 something failed.
            """,
        version: Version.program,
        subcommands: [
            Up.self, Pair.self, Invite.self, Join.self, Folder.self, Devices.self, Status.self, Wait.self, Why.self,
            Conflicts.self, Problems.self, History.self, Restore.self, CheckIgnore.self, Doctor.self, Demo.self,
            Limit.self, Stop.self, Version.self, Service.self, IdentityCommand.self,
        ])
}
