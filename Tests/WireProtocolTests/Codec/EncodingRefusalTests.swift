import SyncModel
import Testing
import WireProtocol

/// What a receiver would refuse is refused where it is made.
@Suite struct EncodingRefusalTests {
    func refused(_ code: WireError.Code, _ message: Message, _ location: SourceLocation = #_sourceLocation) {
        #expect(throws: WireError(code, ""), sourceLocation: location) { try WireCodec.encode(message) }
    }

    func batch(_ record: FileRecord, inline: ArraySlice<UInt8>? = nil) -> Message {
        .indexBatch(
            IndexBatch(
                folder: ExactBytesTests.folder, epoch: ExactBytesTests.epoch, after: 0, upTo: 1, head: 1, mark: nil,
                frontier: nil, entries: [IndexEntry(sequence: 1, item: .record(record, inline: inline))]))
    }

    func record(_ content: Content) throws -> FileRecord {
        FileRecord(
            path: try RelativePath("a"), content: content, version: VersionVector(ExactBytesTests.origin),
            origin: ExactBytesTests.origin, edits: 1)
    }

    @Test func records() throws {
        let file = Content.file(FileContent(size: 2, hash: ContentHash(.zero)))
        let valid = try record(file)
        #expect(throws: Never.self) { try WireCodec.encode(batch(valid, inline: [1, 2])) }
        refused(.inconsistent, batch(valid, inline: [1]))
        refused(.inconsistent, batch(try record(.directory), inline: []))
        var copy = valid
        copy.version = VersionVector()
        refused(.inconsistent, batch(copy))
        copy = valid
        copy.edits = 0
        refused(.invalidValue, batch(copy))
        copy = valid
        copy.edits = Limits.counter + 1
        refused(.overLimit, batch(copy))
        copy = valid
        copy.mode = Stamped(.file, at: Stamp(counter: Limits.stampCounter + 1, device: DeviceID(.zero)))
        refused(.overLimit, batch(copy))
        copy.content = .deleted(movedTo: nil)
        refused(.inconsistent, batch(copy))
        refused(.invalidValue, batch(try record(.symlink(target: [0]))))
        refused(.overLimit, batch(try record(.file(FileContent(size: Limits.fileBytes + 1, hash: ContentHash(.zero))))))
    }

    @Test func attributes() throws {
        var record = try record(.directory)
        let stamp = Stamp(counter: 1, device: DeviceID(.zero))
        func attribute(_ name: String, _ count: Int = 1) -> ExtendedAttribute {
            ExtendedAttribute(name: Array(name.utf8), value: Stamped([UInt8](repeating: 0, count: count), at: stamp))
        }
        record.attributes = [attribute("user.a"), attribute("user.b")]
        #expect(throws: Never.self) { try WireCodec.encode(batch(record)) }
        record.attributes.reverse()
        refused(.notAscending, batch(record))
        record.attributes = [attribute("security.a")]
        refused(.invalidValue, batch(record))
        record.attributes = [attribute("user.a", Limits.attributeBytes)]
        refused(.overLimit, batch(record))
        record.attributes = (100...100 + Limits.attributeCount).map { attribute("user.\($0)") }
        refused(.overLimit, batch(record))
    }

    @Test func messages() throws {
        var hello = SessionPair.hello("")
        refused(.invalidValue, .hello(hello))
        hello.deviceName = String(repeating: "n", count: Limits.deviceNameBytes + 1)
        refused(.overLimit, .hello(hello))
        hello.deviceName = "a\tb"
        refused(.invalidText, .hello(hello))
        hello.deviceName = "n"
        hello.oldestVersion = 2
        refused(.invalidValue, .hello(hello))
        refused(.invalidText, .close(Close(code: .done, text: "a\nb")))
        refused(.inconsistent, .contentData(ContentData(request: 1, offset: 0, last: true, bytes: [])))
        refused(
            .inconsistent, .bucketDigests(BucketDigests(folder: ExactBytesTests.folder, domain: .live, digests: [])))
        let paths = [try RelativePath("b"), try RelativePath("a")]
        refused(
            .notAscending,
            .recordsWanted(RecordsWanted(request: 1, folder: ExactBytesTests.folder, paths: paths, pathHashes: [])))
        let offer = FolderOffer(folder: ExactBytesTests.folder, name: "n", records: [])
        refused(.notAscending, .folderOffer([offer, offer]))
        var stray = offer
        stray.records = [MembershipTests.record()]
        refused(.inconsistent, .folderOffer([stray]))
    }

    @Test func batches() throws {
        var sampler = Sampler(seed: 3)
        let valid = sampler.batch(of: ExactBytesTests.folder, count: 3)
        var copy = valid
        copy.entries.reverse()
        refused(.notAscending, .indexBatch(copy))
        copy = valid
        copy.head = 0
        refused(.inconsistent, .indexBatch(copy))
        copy = valid
        copy.upTo = copy.after
        copy.frontier = nil
        refused(.notAscending, .indexBatch(copy))
        copy = valid
        copy.entries = (1...UInt64(Limits.batchRecords) + 1).map { number in
            IndexEntry(sequence: copy.after + number, item: valid.entries[0].item)
        }
        copy.upTo = copy.after + UInt64(Limits.batchRecords) + 1
        (copy.head, copy.frontier) = (copy.upTo, nil)
        refused(.overLimit, .indexBatch(copy))
    }

    /// Many large inline contents: the batch's maker must close it in time.
    @Test func aFrameHoldsOneMebibyte() throws {
        let bytes = [UInt8](repeating: 1, count: Limits.inlineBytes)
        let content = Content.file(FileContent(size: UInt64(bytes.count), hash: ContentHash(.zero)))
        let record = try record(content)
        let entries = (1...UInt64(33)).map { IndexEntry(sequence: $0, item: .record(record, inline: bytes[...])) }
        refused(
            .overLimit,
            .indexBatch(
                IndexBatch(
                    folder: ExactBytesTests.folder, epoch: ExactBytesTests.epoch, after: 0, upTo: 33, head: 33,
                    mark: nil, frontier: nil, entries: entries)))
    }
}
