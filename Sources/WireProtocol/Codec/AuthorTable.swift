import SyncModel

/// The devices and authors that a message's records name, written once; the records name them by place.
struct AuthorTable {
    /// Ascending.
    private(set) var devices: [DeviceID] = []
    /// Ascending.
    private(set) var authors: [Author] = []
    private var lastDevice = 0
    private var lastAuthor = 0

    init() {}

    // MARK: Collecting

    mutating func add(_ record: FileRecord) {
        add(record.origin.author)
        for entry in record.version.entries { add(entry.author) }
        if let stamped = record.modified { add(stamped.stamp.device) }
        if let stamped = record.mode { add(stamped.stamp.device) }
        for attribute in record.attributes { add(attribute.value.stamp.device) }
        if let source = record.movedFrom { add(source.origin.author) }
        for place in record.lineage {
            add(place.arrival.author)
            if let edit = place.edit { add(edit.author) }
        }
    }

    mutating func add(_ author: Author) {
        if lastAuthor < authors.count, authors[lastAuthor] == author { return }
        add(author.device)
        lastAuthor = AuthorTable.place(of: author, in: authors)
        if lastAuthor == authors.count || authors[lastAuthor] != author { authors.insert(author, at: lastAuthor) }
    }

    mutating func add(_ device: DeviceID) {
        if lastDevice < devices.count, devices[lastDevice] == device { return }
        lastDevice = AuthorTable.place(of: device, in: devices)
        if lastDevice == devices.count || devices[lastDevice] != device { devices.insert(device, at: lastDevice) }
    }

    // MARK: Finding

    mutating func index(of author: Author) -> UInt64 {
        if lastAuthor >= authors.count || authors[lastAuthor] != author {
            lastAuthor = AuthorTable.place(of: author, in: authors)
        }
        return UInt64(lastAuthor)
    }

    mutating func index(of device: DeviceID) -> UInt64 {
        if lastDevice >= devices.count || devices[lastDevice] != device {
            lastDevice = AuthorTable.place(of: device, in: devices)
        }
        return UInt64(lastDevice)
    }

    private static func place<Item: Comparable>(of item: Item, in items: [Item]) -> Int {
        var low = 0
        var high = items.count
        while low < high {
            let middle = (low + high) / 2
            if items[middle] < item { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Coding

    mutating func write(to writer: inout WireWriter) throws(WireError) {
        try writer.count(devices.count, Limits.batchAuthors, "devices")
        for device in devices { writer.device(device) }
        try writer.count(authors.count, Limits.batchAuthors, "authors")
        for author in authors {
            writer.varint(index(of: author.device))
            writer.epoch(author.epoch)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        devices = try reader.ascending(Limits.batchAuthors, least: 32, "devices", by: { (device: DeviceID) in device })
        {
            (reader) throws(WireError) in try reader.device()
        }
        let devices = devices
        authors = try reader.ascending(Limits.batchAuthors, least: 9, "authors", by: { (author: Author) in author }) {
            (reader) throws(WireError) in
            let device = devices[try reader.place(in: devices.count, "author's device")]
            return Author(device: device, epoch: try reader.epoch())
        }
    }
}

extension WireReader {
    /// A place in a table of `count` items.
    mutating func place(in count: Int, _ what: StaticString) throws(WireError) -> Int {
        let place = try varint(UInt64(UInt32.max), what)
        guard place < count else { throw failure(.invalidValue, "The \(what) is number \(place) of \(count).") }
        return Int(place)
    }

    mutating func device(of table: borrowing AuthorTable) throws(WireError) -> DeviceID {
        table.devices[try place(in: table.devices.count, "device")]
    }

    mutating func origin(of table: borrowing AuthorTable) throws(WireError) -> Origin {
        let author = table.authors[try place(in: table.authors.count, "author")]
        return Origin(author: author, counter: try counter("edit counter"))
    }

    mutating func stamp(of table: borrowing AuthorTable) throws(WireError) -> Stamp {
        let counter = try varint(Limits.stampCounter, "stamp")
        return Stamp(counter: counter, device: try device(of: table))
    }
}

extension WireWriter {
    mutating func origin(_ origin: Origin, of table: inout AuthorTable) throws(WireError) {
        varint(table.index(of: origin.author))
        try counter(origin.counter, "edit counter")
    }

    mutating func stamp(_ stamp: Stamp, of table: inout AuthorTable) throws(WireError) {
        try varint(stamp.counter, Limits.stampCounter, "stamp")
        varint(table.index(of: stamp.device))
    }
}
