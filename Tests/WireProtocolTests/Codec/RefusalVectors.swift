import SyncModel
import WireProtocol
import WireVectors

/// One payload for each kind of refusal, put together byte by byte.
enum RefusalVectors {
    static func number(_ value: Int) -> [UInt8] {
        value < 128 ? [UInt8(value)] : [UInt8(value & 127 | 128)] + number(value >> 7)
    }

    static func text(_ value: String) -> [UInt8] { number(value.utf8.count) + Array(value.utf8) }
    static func fill(_ byte: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: byte, count: count) }

    static let folder = fill(0xf0, 16)
    static let epoch = fill(0xe0, 8)
    static let hash = fill(0xaa, 32)
    static let file = [3] + hash
    /// Two devices, of which each is one author with an epoch.
    static let table = [2] + fill(1, 32) + fill(2, 32) + [2, 0] + epoch + [1] + epoch
    /// Author 0, counter 1; one edit.
    static let origin: [UInt8] = [0, 1, 1]

    static func batch(
        after: [UInt8] = [0], upTo: [UInt8] = [9], head: [UInt8] = [9], flags: [UInt8] = [0, 0],
        table: [UInt8] = table, _ entries: [UInt8]..., end: [UInt8] = [0]
    ) -> [UInt8] {
        folder + [7] + epoch + after + upTo + head + flags + table + number(entries.count) + entries.flatMap { $0 }
            + end
    }

    /// An entry with a record: its flags, the path `a`, and the rest.
    static func record(_ flags: [UInt8], path: [UInt8] = [0, 1, 0x61], _ rest: [UInt8]) -> [UInt8] {
        [1, 1] + flags + path + rest
    }

    /// An entry with the move of directory `a`.
    static func move(
        to: String = "b", first: String = "a", last: String = "a/x", count: [UInt8] = [1]
    ) -> [UInt8] {
        [3, 1] + text("a") + text(to) + text(first) + text(last) + count + hash + [0, 1, 0]
    }

    static func hello(
        newest: [UInt8] = [0, 0, 0, 1], oldest: [UInt8] = [0, 0, 0, 1], name: [UInt8] = text("n"),
        addresses: [UInt8] = [0], paired: UInt8 = 0, end: [UInt8] = [0]
    ) -> [UInt8] {
        newest + oldest + text("v") + name + fill(0, 8) + addresses + fill(0, 8) + [paired] + end
    }

    static var all: [VectorFile] { (frames + records + versions + metadata + others).map(vector) }

    typealias Row = (String, MessageType, WireError.Code, [UInt8])

    static func vector(_ row: Row) -> VectorFile {
        VectorFile(name: "refuse-\(row.0)", type: row.1.rawValue, refusal: row.2, payload: row.3)
    }

    static let frames: [Row] = [
        ("empty-hello", .hello, .truncated, []),
        ("trailing-byte", .ping, .trailingBytes, fill(1, 8) + [0, 0]),
        ("extension-critical", .ping, .unknownExtension, fill(1, 8) + [2, 1, 0]),
        ("extension-tag-zero", .ping, .notAscending, fill(1, 8) + [2, 0, 0]),
        ("extension-twice", .ping, .notAscending, fill(1, 8) + [4, 2, 0, 2, 0]),
        ("extension-past-area", .ping, .inconsistent, fill(1, 8) + [2, 2, 1, 0]),
        ("extension-area-too-long", .ping, .overLimit, fill(1, 8) + number(4_097) + fill(0, 4_097)),
        ("version-zero", .hello, .invalidValue, hello(oldest: [0, 0, 0, 0])),
        ("version-oldest-above-newest", .hello, .invalidValue, hello(oldest: [0, 0, 0, 2])),
        ("name-empty", .hello, .invalidValue, hello(name: [0])),
        ("name-too-long", .hello, .overLimit, hello(name: text(String(repeating: "n", count: 65)))),
        ("name-not-utf8", .hello, .invalidText, hello(name: [2, 0xc0, 0x80])),
        ("name-escape", .hello, .invalidText, hello(name: text("a\u{1b}[2J"))),
        ("name-bidirectional-override", .hello, .invalidText, hello(name: text("a\u{202e}b"))),
        ("addresses-too-many", .hello, .overLimit, hello(addresses: [33] + fill(1, 66))),
        ("flag-two", .hello, .invalidValue, hello(paired: 2)),
        ("varint-overlong", .close, .notCanonical, [1, 0x80, 0x00, 0]),
        ("varint-65-bits", .indexRequest, .notCanonical, folder + [7] + epoch + fill(0xff, 9) + [2, 0, 0, 0]),
        ("choice-unknown", .close, .invalidValue, [99, 0, 0]),
        ("count-beyond-bytes", .records, .truncated, fill(0, 4) + epoch + [1, 0xff, 0x1f]),
    ]

    static let records: [Row] = [
        ("batch-backwards", .indexBatch, .inconsistent, batch(after: [9], upTo: [8])),
        ("batch-beyond-head", .indexBatch, .inconsistent, batch(head: [8])),
        ("batch-frontier-before-head", .indexBatch, .inconsistent, batch(head: [10], flags: [0, 1, 0])),
        ("devices-unsorted", .indexBatch, .notAscending, batch(table: [2] + fill(2, 32) + fill(1, 32) + [0])),
        ("devices-twice", .indexBatch, .notAscending, batch(table: [2] + fill(1, 32) + fill(1, 32) + [0])),
        (
            "authors-unsorted", .indexBatch, .notAscending,
            batch(table: [2] + fill(1, 32) + fill(2, 32) + [2, 1] + epoch + [0] + epoch)
        ),
        ("author-of-no-device", .indexBatch, .invalidValue, batch(table: [1] + fill(1, 32) + [1, 1] + epoch)),
        ("entry-kind", .indexBatch, .invalidValue, batch([4, 1] + fill(0, 40))),
        ("sequence-step-zero", .indexBatch, .invalidValue, batch([1, 0, 0x82, 0, 1, 0x61] + origin + fill(0, 8))),
        ("sequence-leaves-batch", .indexBatch, .notAscending, batch([1, 10, 0x82, 0, 1, 0x61] + origin + fill(0, 8))),
        ("path-dot-dot", .indexBatch, .invalidPath, batch(record([0x82], path: [0, 4] + Array("a/..".utf8), origin))),
        ("path-absolute", .indexBatch, .invalidPath, batch(record([0x82], path: [0, 2] + Array("/a".utf8), origin))),
        ("path-nul", .indexBatch, .invalidPath, batch(record([0x82], path: [0, 3, 0x61, 0, 0x62], origin))),
        ("path-empty", .indexBatch, .invalidPath, batch(record([0x82], path: [0, 0], origin + [0]))),
        (
            "path-reserved", .indexBatch, .invalidPath,
            batch(record([0x82], path: [0, 10] + Array(".lanyard/x".utf8), origin))
        ),
        (
            "path-name-too-long", .indexBatch, .invalidPath,
            batch(record([0x82], path: [0] + number(256) + fill(0x61, 256), origin))
        ),
        (
            "path-too-long", .indexBatch, .overLimit,
            batch(record([0x82], path: [0] + number(4_096) + fill(0x61, 4_096), origin))
        ),
        ("path-shared-beyond", .indexBatch, .overLimit, batch(record([0x82], path: [1, 1, 0x61], origin))),
        (
            "path-shares-more", .indexBatch, .notCanonical,
            batch(record([0x82], origin), record([0x82], path: [0, 2, 0x61, 0x62], origin))
        ),
        ("flags-unknown-kind", .indexBatch, .invalidValue, batch(record([0x86], origin))),
        ("flags-second-empty", .indexBatch, .notCanonical, batch(record([0xc2, 0], origin))),
        ("flags-second-unknown", .indexBatch, .invalidValue, batch(record([0xc2, 16], origin))),
        (
            "inline-size", .indexBatch, .inconsistent,
            batch([2, 1, 0x81, 0, 1, 0x61] + file + origin + [2, 7, 7])
        ),
        ("inline-directory", .indexBatch, .inconsistent, batch([2, 1, 0x82, 0, 1, 0x61] + origin + [0])),
        (
            "inline-in-records", .records, .inconsistent,
            fill(0, 4) + epoch + [1] + table + [1, 2, 1, 0x81, 0, 1, 0x61] + file + origin + [3, 7, 7, 7, 0]
        ),
        ("move-into-itself", .indexBatch, .inconsistent, batch(move(to: "a/b"))),
        ("move-leaves-its-range", .indexBatch, .inconsistent, batch(move(last: "b"))),
        ("move-range-backwards", .indexBatch, .inconsistent, batch(move(first: "a/y", last: "a/x"))),
        ("move-of-nothing", .indexBatch, .inconsistent, batch(move(count: [0]))),
        ("move-of-too-much", .indexBatch, .overLimit, batch(move(count: number(Limits.batchRecords / 2 + 1)))),
        (
            "move-in-records", .records, .inconsistent,
            fill(0, 4) + epoch + [1] + table + [1] + move() + [0]
        ),
    ]

    static let versions: [Row] = [
        ("origin-counter-zero", .indexBatch, .invalidValue, batch(record([0x82], [0, 0, 1]))),
        ("origin-counter-too-large", .indexBatch, .overLimit, batch(record([0x82], [0] + fill(0xff, 8) + [0x7f, 1]))),
        ("origin-author-unknown", .indexBatch, .invalidValue, batch(record([0x82], [2, 1, 1]))),
        ("edits-zero", .indexBatch, .invalidValue, batch(record([0x82], [0, 1, 0]))),
        ("version-empty", .indexBatch, .inconsistent, batch(record([0x02], origin + [0]))),
        ("version-unsorted", .indexBatch, .notAscending, batch(record([0x02], origin + [2, 1, 1, 0, 1]))),
        ("version-author-twice", .indexBatch, .notAscending, batch(record([0x02], origin + [2, 0, 1, 0, 2]))),
        ("version-lacks-origin", .indexBatch, .inconsistent, batch(record([0x02], origin + [1, 1, 5]))),
        ("version-written-needlessly", .indexBatch, .notCanonical, batch(record([0x02], origin + [1, 0, 1]))),
        ("version-too-long", .indexBatch, .overLimit, batch(record([0x02], origin + number(1_025) + fill(0, 2_050)))),
    ]

    /// A time, nanoseconds, and a stamp of device 0.
    static let time: [UInt8] = [2, 0, 0, 0, 1, 5, 0]

    static let metadata: [Row] = [
        (
            "nanoseconds", .indexBatch, .overLimit,
            batch(record([0x89], file + origin + [2, 0x3b, 0x9a, 0xca, 0, 5, 0]))
        ),
        (
            "stamp-too-large", .indexBatch, .overLimit,
            batch(record([0x89], file + origin + [2, 0, 0, 0, 1] + fill(0x80, 6) + [0x40, 0]))
        ),
        (
            "stamp-device-unknown", .indexBatch, .invalidValue,
            batch(record([0x89], file + origin + [2, 0, 0, 0, 1, 5, 9]))
        ),
        ("mode-ten-bits", .indexBatch, .overLimit, batch(record([0x91], file + origin + [2, 0, 5, 0]))),
        ("size-too-large", .indexBatch, .overLimit, batch(record([0x81], fill(0xff, 8) + [0x7f] + hash + origin))),
        ("directory-with-time", .indexBatch, .inconsistent, batch(record([0x8a], origin + time))),
        ("link-with-mode", .indexBatch, .inconsistent, batch(record([0x93], [1, 0x74] + origin + [0, 1, 5, 0]))),
        ("link-target-empty", .indexBatch, .invalidValue, batch(record([0x83], [0] + origin))),
        ("link-target-nul", .indexBatch, .invalidValue, batch(record([0x83], [2, 0x74, 0] + origin))),
        (
            "link-target-too-long", .indexBatch, .overLimit,
            batch(record([0x83], number(4_096) + fill(0x74, 4_096) + origin))
        ),
        ("tombstone-with-mode", .indexBatch, .inconsistent, batch(record([0x94], origin + [0, 1, 5, 0]))),
        ("tombstone-to-itself", .indexBatch, .inconsistent, batch(record([0x85], [1, 0x61] + origin))),
        ("moved-from-itself", .indexBatch, .inconsistent, batch(record([0xc2, 1], origin + [1, 0x61, 0, 1]))),
        ("copy-of-itself", .indexBatch, .inconsistent, batch(record([0xc2, 2], origin + [1, 0x61]))),
        ("lineage-empty", .indexBatch, .notCanonical, batch(record([0xc2, 8], origin + [0]))),
        ("lineage-too-long", .indexBatch, .overLimit, batch(record([0xc2, 8], origin + [17] + fill(0, 85)))),
        (
            "lineage-elsewhere", .indexBatch, .inconsistent,
            batch(record([0xc2, 8], origin + [1, 0, 1, 0x62, 0, 1, 0]))
        ),
        ("lineage-of-tombstone", .indexBatch, .inconsistent, batch(record([0xc4, 8], origin + [1, 1, 0, 0, 1, 0]))),
        ("record-extension-critical", .indexBatch, .unknownExtension, batch(record([0xc2, 4], origin + [2, 1, 0]))),
        ("attributes-empty", .indexBatch, .notCanonical, batch(record([0xa2], origin + [0]))),
        (
            "attribute-name-space", .indexBatch, .invalidValue,
            batch(record([0xa2], origin + [1] + attribute("trusted.a")))
        ),
        ("attribute-name-bare", .indexBatch, .invalidValue, batch(record([0xa2], origin + [1] + attribute("user.")))),
        (
            "attributes-unsorted", .indexBatch, .notAscending,
            batch(record([0xa2], origin + [2] + attribute("user.b") + attribute("user.a")))
        ),
        (
            "attributes-twice", .indexBatch, .notAscending,
            batch(record([0xa2], origin + [2] + attribute("user.a") + attribute("user.a")))
        ),
        (
            "attributes-too-large", .indexBatch, .overLimit,
            batch(
                record(
                    [0xa2], origin + [2] + attribute("user.a", fill(0, 40_000)) + attribute("user.b", fill(0, 40_000))))
        ),
    ]

    static func attribute(_ name: String, _ value: [UInt8] = [1]) -> [UInt8] {
        text(name) + [1] + number(value.count) + value + [5, 0]
    }

    /// Everything of a membership record but the signature, with some fields to replace.
    static func membership(role: UInt8 = 1, incarnation: UInt8 = 1, predecessors: [UInt8] = [0], end: [UInt8] = [0])
        -> [UInt8]
    {
        folder + [1] + fill(1, 32) + [incarnation, role] + text("n") + predecessors + [0] + fill(2, 32) + [1, 9] + end
            + [1, 8]
    }

    static let others: [Row] = [
        ("role-unknown", .membership, .invalidValue, folder + [1] + membership(role: 5) + [0]),
        ("incarnation-zero", .membership, .invalidValue, folder + [1] + membership(incarnation: 0) + [0]),
        (
            "predecessors-unsorted", .membership, .notAscending,
            folder + [1] + membership(predecessors: [2] + fill(2, 32) + fill(1, 32)) + [0]
        ),
        ("membership-of-other-folder", .membership, .inconsistent, fill(0xf1, 16) + [1] + membership() + [0]),
        ("membership-extension", .membership, .unknownExtension, folder + [1] + membership(end: [2, 2, 0]) + [0]),
        (
            "folders-offered-twice", .folderOffer, .notAscending,
            [2] + folder + text("n") + [0] + folder + text("n") + [0, 0]
        ),
        (
            "frontier-unsorted", .acknowledge, .notAscending,
            folder + epoch + [1, 2] + fill(2, 32) + epoch + [1] + fill(1, 32) + epoch + [1, 0]
        ),
        (
            "mark-behind-head", .folderState, .inconsistent,
            folder + [1] + epoch + [5, 6] + hash + [0] + hash + [0, 0, 0, 0, 0, 0, 0, 0, 0]
        ),
        (
            "applied-before-received", .folderState, .inconsistent,
            folder + [1] + epoch + [5, 5] + hash + [0] + hash + [0, 0, 0, 0, 0, 0, 0, 1] + epoch + [3, 4, 0, 0]
        ),
        (
            "credit-too-large", .indexRequest, .overLimit,
            folder + [7] + epoch + [0, 0] + number(Limits.indexCreditBytes + 1) + [0]
        ),
        ("range-empty", .contentRequest, .inconsistent, fill(0, 4) + folder + [1, 0x61] + file + [0, 0, 1, 0]),
        ("range-past-end", .contentRequest, .inconsistent, fill(0, 4) + folder + [1, 0x61] + file + [2, 2, 1, 0]),
        (
            "request-too-large", .contentRequest, .overLimit,
            fill(0, 4) + folder + [1, 0x61] + file + [0] + number(Limits.requestBytes + 1) + [1, 0]
        ),
        ("data-empty", .contentData, .inconsistent, fill(0, 4) + [0, 1, 0, 0]),
        ("packed-nothing", .compressed, .inconsistent, [0, 0, 1, 9]),
        ("packed-without-bytes", .compressed, .inconsistent, [1, 0, 0]),
        ("packed-too-much", .compressed, .overLimit, number(Limits.frameBytes + 1) + [0, 1, 9]),
        ("packed-trailing-byte", .compressed, .trailingBytes, [1, 0, 1, 9, 0]),
        (
            "chunk-too-long", .chunkListData, .overLimit,
            fill(0, 4) + [2, 0, 1, 1] + number(Limits.chunkGreatest + 1) + hash + [0]
        ),
        ("chunks-beyond-total", .chunkListData, .inconsistent, fill(0, 4) + [2, 1, 1, 1, 9] + hash + [0]),
        ("chunk-list-part", .chunkListRequest, .invalidValue, fill(0, 4) + folder + [1, 0x61] + file + [3, 0]),
        ("bucket-digests-short", .bucketDigests, .truncated, folder + [1] + fill(0, 255 * 32)),
        (
            "bucket-unsorted", .bucketListing, .notAscending,
            fill(0, 4) + [1, 2] + fill(2, 32) + fill(1, 32) + [0]
        ),
        ("paths-unsorted", .recordsWanted, .notAscending, fill(0, 4) + folder + [2, 1, 0x62, 1, 0x61, 0, 0]),
        (
            "release-counter-zero", .deletionRelease, .invalidValue,
            folder + fill(1, 32) + epoch + [0] + fill(2, 32) + [0, 0, 0]
        ),
    ]
}
