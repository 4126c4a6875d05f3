import FakeAgent
import Foundation
import Testing

/// Every command, with and without `--json`, as a person sees it.
struct ScriptTests {
    private static let scripts: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: CommandScript.directory.path)) ?? []
        return names.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test func thereAreScripts() {
        #expect(Self.scripts.count >= 10)
    }

    @Test(arguments: scripts)
    func commandsPrintWhatIsWritten(script: String) async throws {
        let file = CommandScript.directory.appending(path: script)
        let expected = try String(contentsOf: file, encoding: .utf8)
        let actual = try await CommandScript(expected).run()
        if CommandScript.isWriting {
            try actual.write(to: file, atomically: true, encoding: .utf8)
        } else {
            let (old, new) = (expected.split(separator: "\n"), actual.split(separator: "\n"))
            for difference in new.difference(from: old) {
                switch difference {
                case .remove(let line, let text, _): Issue.record("\(script):\(line + 1) is not printed: \(text)")
                case .insert(let line, let text, _): Issue.record("\(script):\(line + 1) is printed: \(text)")
                }
            }
            #expect(expected == actual)
        }
    }
}
