import ModelFolder
import SyncModel
import Testing

@testable import SyncEngine

@Suite struct CollectionBookTests {
    private let cut = VersionVector(
        Origin(author: Author(device: DeviceID(.zero), epoch: IndexEpoch(1)), counter: 1))

    /// A walk passes over the paths of needs. A need that was given up leaves a deletion that others have forgotten.
    @Test func itIsWalkedAgainWhenNeedsThatWereInTheWayAreGone() {
        var book = CollectionBook(seconds: 1)
        book.restart(over: cut)
        // Gone before the walk ended, but after it passed by.
        book.advance(to: samplePath("d"), needs: 2)
        book.advance(to: nil, needs: 1)
        book.restart(whereFewerThanBefore: 1)
        #expect(!book.isComplete)
        book.advance(to: nil, needs: 2)
        book.restart(whereFewerThanBefore: 3)
        book.restart(whereFewerThanBefore: 2)
        #expect(book.isComplete)
        book.restart(whereFewerThanBefore: 1)
        #expect(!book.isComplete)
        book.advance(to: nil, needs: 0)
        book.restart(whereFewerThanBefore: 0)
        #expect(book.isComplete)
    }
}
