import Testing

/// That each rule finds what it is for, and not what only looks like it.
@Suite struct RuleTests {
    private func file(_ text: String, path: String = "Sources/SyncCore/A.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    private func lines(_ count: Int, _ text: String = "let a = 1") -> String {
        Array(repeating: text, count: count).joined(separator: "\n") + "\n"
    }

    @Test func longFilesAreFound() {
        #expect(LengthRules.files(file(lines(500))) == [])
        #expect(LengthRules.files(file(lines(501))).count == 1)
    }

    @Test func longLinesAreFoundByCharacter() {
        #expect(LengthRules.lines(file(String(repeating: "ü", count: 120))) == [])
        #expect(LengthRules.lines(file("a\n" + String(repeating: "a", count: 121))).map(\.line) == [2])
    }

    @Test(arguments: [
        "func a() {", "func a(\n  b: () -> Void = {}\n) {", "init() {", "init?(_ a: Int) {", "deinit {",
        "func a() -> [Int]\nwhere B: C {", "subscript(a: Int) -> Int {",
    ])
    func longFunctionsAreFound(_ head: String) {
        let headLines = head.split(separator: "\n").count
        let fits = "struct A {\n\(head)\n\(lines(69 - headLines))}\n}\n"
        #expect(LengthRules.functions(file(fits)) == [])
        let exceeds = "struct A {\n\(head)\n\(lines(70 - headLines))}\n}\n"
        #expect(LengthRules.functions(file(exceeds)).map(\.line) == [2])
    }

    @Test func whatHasNoBodyOrIsACallIsNoLongFunction() {
        #expect(LengthRules.functions(file("protocol A {\n    func a()\n    func b()\n}\n" + lines(80))) == [])
        #expect(
            LengthRules.functions(file("struct A {\n    let b = B.init()\n    var c: Int {\n\(lines(80))}\n}\n")) == [])
    }

    @Test(arguments: [
        ("SyncModel", "import Glibc"), ("SyncCore", "internal import WireProtocol"), ("lanyard", "import SQLiteIndex"),
        ("TLSTransport", "public import SyncEngine"), ("SQLiteIndex", "import struct TLSTransport.Socket"),
        ("Stranger", "import SyncModel"),
    ])
    func importsAcrossLayersAreFound(_ module: String, _ line: String) {
        #expect(LayerRule.check(file(line, path: "Sources/\(module)/A.swift")).count == 1)
    }

    @Test func importsOfTheLayerPass() {
        #expect(LayerRule.check(file("internal import SyncModel\n// import Glibc\nlet import1 = 0")) == [])
        #expect(LayerRule.check(file("import Glibc", path: "Tests/SyncCoreTests/A.swift")) == [])
    }

    @Test(arguments: [
        "let a = try! b()", "let a = b as! C", "fatalError()", "a!.b()", "a[0]! + 1", "f()!", "x = y!", "print(1)",
        "Task { a() }", "Task.detached { a() }", "Task(priority: .low) { a() }", "func a() async {}", "await a()",
        "internal import Foundation", "// TO" + "DO: later", "let a = \"FIX" + "ME\"",
    ])
    func bannedCallsAreFound(_ line: String) {
        #expect(BannedCallRules.check(file(line)).count >= 1)
    }

    @Test(arguments: [
        "if !a { b() }", "a != b", "let a = \"try! and x! and print(1)\"", "// fatalError(), a!",
        "/* a! /* b! */ c! */",
        "let a = #\"x! \"y! \"#", "let a = \"\"\"\n  x!\n  \"\"\"", "let a = \"\\(b.map { \"x!\" }) y!\"", "a(!b)",
        "func print(_ a: Int) {}", "let task = Task", "a\n!b",
    ])
    func whatOnlyLooksBannedPasses(_ text: String) {
        #expect(BannedCallRules.check(file(text)) == [])
    }

    @Test func theRuntimeMayMakeTasksAndTheExecutableMayPrint() {
        #expect(BannedCallRules.check(file("Task { a() }", path: "Sources/AgentRuntime/A.swift")) == [])
        #expect(BannedCallRules.check(file("print(1)", path: "Sources/lanyard/A.swift")) == [])
        #expect(BannedCallRules.check(file("await a()", path: "Sources/ControlAPI/A.swift")) == [])
        #expect(BannedCallRules.check(file("try await Task.sleep(for: a)", path: "Sources/ControlAPI/A.swift")) == [])
    }

    @Test(arguments: [
        "public struct A {}", "public final class A {}", "    public func a() {}", "public static func a() {}",
        "public enum A: Int {", "/// A\n\npublic protocol B {}", "@discardableResult\npublic func a() {}",
    ])
    func undocumentedDeclarationsAreFound(_ text: String) {
        #expect(DocumentationRule.check(file(text)).count == 1)
    }

    @Test(arguments: [
        "/// A\npublic struct A {}", "/// A\n@discardableResult\npublic func a() {}", "struct A {}",
        "public static func < (a: A, b: A) -> Bool { true }", "public func hash(into hasher: inout Hasher) {",
        "public var a: Int { 0 }", "public init() {}", "public import struct B.C",
    ])
    func documentedOnesPass(_ text: String) {
        #expect(DocumentationRule.check(file(text)) == [])
    }

    @Test func strangersAtTheTopAreFound() {
        #expect(TreeRules.strangers(["Package.swift", ".ci", "docs", "Sources", "NOTES.md"]) == ["NOTES.md", "docs"])
    }

    @Test func linksAreFoundAndFollowed() {
        #expect(TreeRules.links("[a](b/c.md) <doc:D> [e](https://f) ![g](h)") == ["b/c.md", "h", "D.md"])
        #expect(SourceTree.leads("LICENSE", from: "README.md"))
        #expect(!SourceTree.leads("LICENCE", from: "README.md"))
    }

    @Test func theRatioOfTestsIsOfLines() {
        let source = SourceFile(path: "Sources/A/A.swift", text: lines(10))
        let test = SourceFile(path: "Tests/A/A.swift", text: lines(4))
        #expect(TreeRules.testRatio([source, test]) == 0.4)
        #expect(TreeRules.testRatio([source]) < TreeRules.leastTestRatio)
    }

    @Test func mutationsOfWhatIsGoneAreFound() {
        let patch = """
            Breaks it.

            diff --git a/A.swift b/A.swift
            --- a/A.swift
            +++ b/A.swift
            @@ -1,2 +1,2 @@
             one
            -two
            +three
            @@ -8,1 +8,2 @@
             four
            +five
            """
        #expect(MutationRule.strays(patch) { _ in "zero\none\ntwo\nfour\n" } == [])
        #expect(MutationRule.strays(patch) { _ in "one\nzero\ntwo\nfour\n" } == ["A.swift: one"])
        #expect(MutationRule.strays(patch) { _ in nil } == ["A.swift: one", "A.swift: four"])
    }
}
