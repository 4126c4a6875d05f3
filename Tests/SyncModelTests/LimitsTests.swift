import SyncModel
import Testing

/// The relations between limits that other code relies on.
@Suite struct LimitsTests {
    @Test func aFullBatchFitsItsFrame() {
        let largestRecord =
            Limits.pathBytes * (4 + Limits.lineagePlaces) + Limits.lineagePlaces * 128 + Limits.attributeBytes * 2
            + Limits.vectorEntries * 64
        #expect(Limits.batchBytes + Limits.inlineBytes + largestRecord <= Limits.frameBytes)
    }

    @Test func anIntroductionFitsTheFrameOfAStranger() {
        let vector = Limits.vectorEntries * (32 + 8 + 9)
        let largest = vector + Limits.membershipPredecessors * 32 + Limits.publicKeyBytes + Limits.signatureBytes + 512
        #expect(largest <= Limits.unpairedFrameBytes && Limits.introductionBytes <= Limits.unpairedFrameBytes - 512)
        #expect(Limits.waitingMembershipRecords < Limits.membershipRecords)
        #expect(Limits.pairingSeconds <= Limits.unpairedSeconds)
    }

    @Test func aRequestedRangeFitsItsFrame() {
        #expect(Limits.requestBytes + Limits.chunkGreatest <= Limits.frameBytes)
        #expect(Limits.requestedBytes >= 4 * Limits.requestBytes)
    }

    @Test func aQuestionAboutFoundEntriesFitsItsFrame() {
        #expect(Limits.foundEntries * (Limits.pathBytes + 64) <= Limits.frameBytes)
        #expect(Limits.foundEntries <= Limits.batchRecords && Limits.foundEntries <= Limits.transactionItems)
        #expect(Limits.pastDays >= Int64(Limits.historyDays))
    }

    @Test func chunkLengthsAreOrdered() {
        #expect(Limits.chunkLeast < Limits.chunkTarget && Limits.chunkTarget < Limits.chunkGreatest)
        #expect(Limits.inlineBytes <= Limits.chunkGreatest)
    }

    @Test func aFrameFitsItsQueue() {
        #expect(Limits.frameBytes + 5 <= Limits.controlQueueBytes)
        #expect(Limits.frameBytes + 5 <= Limits.bulkQueueBytes)
        #expect(Limits.unpairedFrameBytes <= Limits.frameBytes)
    }

    @Test func strangersCannotTakeEveryConnection() {
        #expect(Limits.unpairedConnections + Limits.handshakes < Limits.connections)
        #expect(Limits.handshakesPerSource * 4 <= Limits.handshakes)
        #expect(Limits.members <= Limits.connections)
    }

    @Test func aNameAndItsPortFitAnAddress() {
        #expect(Limits.hostNameBytes + ":65535".utf8.count <= Limits.addressBytes)
        #expect(
            "[1111:2222:3333:4444:5555:6666:255.255.255.255%]:65535".utf8.count + Limits.interfaceNameBytes
                <= Limits.addressBytes)
    }

    @Test func aPairingNameFitsItsTextRecord() {
        #expect("n=".utf8.count + Limits.deviceNameBytes <= Limits.textStringBytes)
        #expect(Limits.textStringBytes < Limits.textRecordBytes)
    }

    @Test func aChunkListPageIsNoLargerThanARequest() {
        #expect(Limits.chunkListPageReferences * Limits.chunkReferenceBytes <= Limits.requestBytes)
    }

    @Test func anIgnoreFileHoldsItsLongestPattern() {
        #expect(Limits.ignorePatternBytes < Limits.ignoreFileBytes)
    }

    @Test func aRepairFitsItsMessages() {
        #expect(Limits.bucketItems * 32 < Limits.frameBytes)
        #expect(Limits.repairRecords.isMultiple(of: Limits.batchRecords))
        #expect(Limits.bucketPages * Limits.bucketItems * 256 >= 1_000_000_000)
    }

    @Test func smallTransfersKeepRoom() {
        #expect(Limits.activeLargeTransfers * 2 <= Limits.activeTransfers)
        #expect(Limits.membershipRecords >= 2 * Limits.members)
    }

    @Test func fetchesLeaveRoomToEachOther() {
        #expect(Limits.reservedRequests + 2 * Limits.smallRequests < Limits.requests)
        #expect(Limits.smallRequestedBytes + Limits.requestBytes <= Limits.requestedBytes)
        #expect(Limits.chunkGreatest <= Limits.smallRequestedBytes)
        #expect(Limits.fetchStallMilliseconds > Limits.silenceMilliseconds)
    }

    @Test func aContentFrameFitsItsBuffer() {
        #expect(Limits.contentFrameBytes + 64 <= Limits.frameBytes)
        #expect(Limits.indexCreditBytes <= Limits.inlineStoreBytes)
    }
}
