import ArgumentParser
import ControlAPI
import Testing

@testable import lanyard

struct UpOptionsTests {
    private func options(_ words: String...) throws -> AgentOptions {
        let parsed = try Lanyard.parseAsRoot(CommandWords.withGlobalOptionsLast(words))
        return try #require(parsed as? Up).options()
    }

    @Test func everyOptionIsTaken() throws {
        let options = try options(
            "--home", "/nowhere/home", "up", "/nowhere/a", "/nowhere/b\0ff", "--listen", "127.0.0.1:0", "--listen",
            "[::1]:22077", "--no-discovery", "--json", "--allow-root")
        #expect(
            options
                == AgentOptions(
                    home: "/nowhere/home",
                    paths: [
                        LocalPath(bytes: "/nowhere/a".utf8), LocalPath(bytes: Array("/nowhere/b".utf8) + [0xff]),
                    ],
                    listen: ["127.0.0.1:0", "[::1]:22077"], discovery: false, readyLineAsJSON: true, allowRoot: true))
    }

    @Test func withoutAnyItListensAndLooksAround() throws {
        #expect(try options("--home", "/nowhere", "up") == AgentOptions(home: "/nowhere"))
    }

    @Test func globalOptionsMayStandAnywhere() {
        for words in [
            ["--home", "h", "--json", "why", "x"], ["why", "--home", "h", "x", "--json"],
            ["--json", "why", "x", "--home", "h"],
        ] {
            let moved = CommandWords.withGlobalOptionsLast(words)
            #expect(moved.prefix(2) == ["why", "x"])
            #expect(Set(moved.dropFirst(2)) == ["--home", "h", "--json"])
        }
        #expect(
            CommandWords.withGlobalOptionsLast(["why", "--json", "--", "--home"])
                == ["why", "--json", "--", "--home"])
        #expect(CommandWords.withGlobalOptionsLast(["status", "--home"]) == ["status", "--home"])
        #expect(CommandWords.withGlobalOptionsLast([]) == [])
    }
}
