internal import GRDB
public import SyncModel

extension DeviceStore {
    /// All, removed ones too, in the order of their IDs.
    public func devices() throws(IndexError) -> [PairedDevice] {
        try connection.hold { database in
            try Command(database, "SELECT \(Self.deviceColumns) FROM device ORDER BY id").all(Self.device)
        }
    }

    /// The paired device with this identity, or nil.
    public func device(_ device: DeviceID) throws(IndexError) -> PairedDevice? {
        try connection.hold { database in
            let query = try Command(database, "SELECT \(Self.deviceColumns) FROM device WHERE id = ?")
            query.bind(1, device.raw)
            return try query.first(Self.device)
        }
    }

    /// Adds a device, or replaces what is stored of it. Codes: `limit`.
    public func put(_ device: PairedDevice) throws(IndexError) {
        guard device.addresses.count <= Limits.deviceAddresses,
            !device.addresses.contains(where: { $0.contains("\n") }),
            device.name.utf8.count <= Limits.deviceNameBytes
        else { throw IndexError(.limit, "The name or addresses of device \(device.device.short) pass the limits.") }
        try connection.transaction { database in
            let known = try Command(database, "SELECT 1 FROM device WHERE id = ?")
            known.bind(1, device.device.raw)
            if try known.first({ _ in true }) == nil {
                try Self.checkRoom(in: "device", limit: Limits.pairedDevices, database)
            }
            let put = try Command(
                database, "INSERT OR REPLACE INTO device (\(Self.deviceColumns)) VALUES (?, ?, ?, ?, ?, ?, ?)")
            put.bind(1, device.device.raw)
            put.bind(2, device.name)
            put.bind(3, device.publicKey)
            put.bind(4, device.addresses.joined(separator: "\n"))
            put.bind(5, device.pairedSeconds)
            put.bind(6, device.isRemoved)
            put.bind(7, optional: device.seenSeconds)
            try put.run()
        }
    }

    private static let deviceColumns = "id, name, public_key, addresses, paired_seconds, removed, seen_seconds"

    private static func device(_ query: Command) throws -> PairedDevice {
        PairedDevice(
            device: DeviceID(try query.hash(0)), name: query.text(1), publicKey: query.blob(2),
            addresses: query.text(3).split(separator: "\n").map { String($0) }, pairedSeconds: query.integer(4),
            seenSeconds: query.optional(6), isRemoved: query.integer(5) != 0)
    }
}
