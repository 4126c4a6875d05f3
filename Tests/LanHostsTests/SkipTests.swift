import Testing

@testable import LanHosts

@Suite struct SkipTests {
    @Test func aPersonsMachineMaySkipAnything() {
        #expect(Skip.isAllowed("lan-hosts", inContinuousIntegration: false, listed: ""))
    }

    @Test func continuousIntegrationSkipsOnlyWhatIsListed() {
        #expect(!Skip.isAllowed("lan-hosts", inContinuousIntegration: true, listed: ""))
        #expect(!Skip.isAllowed("lan-hosts", inContinuousIntegration: true, listed: "lan,hosts,lan-hosts-2"))
        #expect(Skip.isAllowed("lan-hosts", inContinuousIntegration: true, listed: "nfs,lan-hosts"))
    }

    @Test func anObstacleIsSaidInOneLine() {
        #expect(Skip("nothing", obstacles: []).isPossible)
        #expect(Skip.line("lan-hosts", ["a", "b"]) == "SKIPPED: tests on lan-hosts: a; b\n")
    }
}
