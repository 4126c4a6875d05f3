import FakeAgent
import Testing

/// Which home a command takes, seen in the unit that it would install.
struct HomeTests {
    @Test(
        arguments: [
            ([], [], "TMP/.local/state/lanyard"),
            ([], ["XDG_STATE_HOME=/var/state"], "/var/state/lanyard"),
            ([], ["XDG_STATE_HOME=state"], "TMP/.local/state/lanyard"),
            ([], ["XDG_STATE_HOME="], "TMP/.local/state/lanyard"),
            ([], ["XDG_STATE_HOME=/var/state", "LANYARD_HOME=own"], "TMP/own"),
            ([], ["LANYARD_HOME="], "TMP/.local/state/lanyard"),
            (["--home", "/srv/../srv/./x"], ["LANYARD_HOME=own"], "/srv/x"),
            (["--home=."], [], "TMP"),
            (["--home", "../.."], [], "/"),
            (["--home", "absent/../other"], [], "TMP/other"),
        ] as [([String], [String], String)])
    func theHomeOf(options: [String], environment: [String], home: String) async throws {
        let directory = try TestDirectory()
        let words = (options + ["service", "install", "--print"]).map { Array($0.utf8) }
        let path = directory.path
        let run = try await blocking { try CommandRun(words, directory: path, environment: environment) }
        let text = String(decoding: run.output, as: UTF8.self).replacing(path, with: "TMP")
        #expect(run.status == 0)
        #expect(text.contains("\"--home\" \"\(home)\" \"up\""), "\(text)")
    }
}
