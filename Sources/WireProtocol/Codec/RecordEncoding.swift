public import SyncModel

/// A record by itself, with its own table of authors: canonical, so equal records are equal bytes.
public enum RecordEncoding {
    /// The table of authors, then the record as in a batch, behind no other.
    public static func encode(_ record: FileRecord) throws(WireError) -> [UInt8] {
        var table = AuthorTable()
        table.add(record)
        var writer = WireWriter()
        try table.write(to: &writer)
        try record.write(to: &writer, after: nil, table: &table)
        return writer.bytes
    }

    /// The inverse, with every check of the wire.
    public static func decode(_ bytes: [UInt8]) throws(WireError) -> FileRecord {
        var reader = WireReader(bytes)
        let table = try AuthorTable(from: &reader)
        let record = try FileRecord.read(from: &reader, after: nil, table: table)
        try reader.finishBytes()
        return record
    }
}
