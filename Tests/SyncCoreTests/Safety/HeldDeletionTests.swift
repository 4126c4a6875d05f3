import ModelFolder
import SyncCore
import SyncModel
import Testing

@Suite struct HeldDeletionTests {
    private let author = sampleAuthor(1)
    private let other = sampleAuthor(2)

    private func record(_ content: Content, _ origin: Origin) throws -> FileRecord {
        FileRecord(
            path: try RelativePath("f"), content: content, version: VersionVector(origin), origin: origin, edits: 3)
    }

    @Test func whatWasMeantIsATombstoneOfOurs() throws {
        let file = try record(simulated, Origin(author: other, counter: 7))
        var context = EditContext(author: author, counter: 4, stampCounter: 0)
        let tombstone = HeldDeletion.released(file, context: &context)
        #expect(tombstone.content == .deleted(movedTo: nil))
        #expect(tombstone.origin == Origin(author: author, counter: 5))
        #expect(tombstone.version.covers(file.origin))
        #expect(context.counter == 5)
    }

    /// In whatever order others hear of the two, the file stays.
    @Test func whatWasNotMeantBeatsTheDeletion() throws {
        let file = try record(simulated, Origin(author: other, counter: 7))
        var context = EditContext(author: other, counter: 8, stampCounter: 0)
        let tombstone = HeldDeletion.released(file, context: &context)
        context = EditContext(author: author, counter: 4, stampCounter: 0)
        let kept = HeldDeletion.discarded(file, tombstone, context: &context)
        #expect(kept.content == file.content)
        #expect(kept.version.covers(tombstone.origin))
        #expect(merge(kept, tombstone).record == kept)
        #expect(merge(tombstone, kept).record == kept)
    }

    private var simulated: Content { .file(FileContent(size: 1, hash: ContentHash(sampleBytes(9)))) }
}
