import Testing

/// The house's style, held by every file. What a rule says is in its own file; that it can fail, in `RuleTests`.
@Suite struct HouseStyleTests {
    @Test func thereAreFilesToRead() {
        #expect(SourceTree.files.count { $0.path.hasPrefix("Sources/") } > 100)
        #expect(SourceTree.files.count { $0.path.hasPrefix("Tests/") } > 50)
        #expect(SourceTree.files.contains { $0.path == "Sources/SyncModel/Limits.swift" })
    }

    @Test func filesAreShort() { expectNone(LengthRules.files) }

    @Test func functionsAreShort() { expectNone(LengthRules.functions) }

    @Test func linesAreShort() { expectNone(LengthRules.lines) }

    @Test func modulesImportWhatTheirLayerMay() { expectNone(LayerRule.check) }

    @Test func nothingBannedIsCalled() { expectNone(BannedCallRules.check) }

    @Test func publicDeclarationsAreDocumented() { expectNone(DocumentationRule.check) }

    @Test func theTopLevelHoldsNothingElse() { #expect(TreeRules.strangers(SourceTree.topNames) == []) }

    @Test func linksLeadSomewhere() {
        #expect(SourceTree.pages.count > 10)
        for page in SourceTree.pages {
            for link in TreeRules.links(page.text) {
                #expect(SourceTree.leads(link, from: page.path), "\(page.path): \(link)")
            }
        }
    }

    @Test func testsKeepUpWithSources() {
        let ratio = TreeRules.testRatio(SourceTree.files)
        let percent = Int((ratio * 100).rounded())
        print("tests: \(percent) lines for 100 of source; wanted \(Int(TreeRules.wantedTestRatio * 100))")
        #expect(ratio >= TreeRules.leastTestRatio)
    }

    @Test func mutationsFindWhatTheyChange() {
        #expect(SourceTree.mutations.count >= 15)
        for mutation in SourceTree.mutations {
            #expect(MutationRule.strays(mutation.text) { SourceTree.text(at: $0) } == [], "\(mutation.path)")
        }
    }

    private func expectNone(
        _ rule: (SourceFile) -> [Finding], _ location: SourceLocation = #_sourceLocation
    ) {
        let findings = SourceTree.files.flatMap(rule)
        #expect(
            findings.isEmpty, "\(findings.map(\.description).joined(separator: "\n"))", sourceLocation: location)
    }
}
