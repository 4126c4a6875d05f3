import SyncModel
import Testing

/// The relations between limits that other code relies on.
@Suite struct LimitsTests {
    @Test func aFullBatchFitsItsFrame() {
        let largestRecord = Limits.pathBytes * 4 + Limits.attributeBytes * 2 + Limits.vectorEntries * 64
        #expect(Limits.batchBytes + Limits.inlineBytes + largestRecord <= Limits.frameBytes)
    }

    @Test func aRequestedRangeFitsItsFrame() {
        #expect(Limits.requestBytes + Limits.chunkGreatest <= Limits.frameBytes)
        #expect(Limits.requestedBytes >= 4 * Limits.requestBytes)
    }

    @Test func chunkLengthsAreOrdered() {
        #expect(Limits.chunkLeast < Limits.chunkTarget && Limits.chunkTarget < Limits.chunkGreatest)
        #expect(Limits.inlineBytes <= Limits.chunkGreatest)
    }

    @Test func aChunkListPageIsNoLargerThanARequest() {
        #expect(Limits.chunkListPageReferences * Limits.chunkReferenceBytes <= Limits.requestBytes)
    }

    @Test func anIgnoreFileHoldsItsLongestPattern() {
        #expect(Limits.ignorePatternBytes < Limits.ignoreFileBytes)
    }

    @Test func smallTransfersKeepRoom() {
        #expect(Limits.activeLargeTransfers * 2 <= Limits.activeTransfers)
        #expect(Limits.membershipRecords >= 2 * Limits.members)
    }
}
