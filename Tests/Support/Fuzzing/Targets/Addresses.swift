import AvahiDiscovery
import SyncModel

extension FuzzTargets {
    /// The text of an address, of a device or of a folder.
    static let address = FuzzTarget("address") {
        [
            "192.0.2.1:22077", "[fe80::1%eth0]:22077", "[::ffff:192.0.2.1]:1", "host.example:22077", "[::]:0",
            "[1:2:3:4:5:6:7:8]:65535", "[fe80::%2]:9", "a_b-c.local:1", "[::1:192.0.2.1]:7",
            "\(DeviceID(.zero))", "\(FolderID(high: 1, low: 2))",
        ].map { Array($0.utf8) }
    } check: { input in
        let text = String(decoding: input, as: UTF8.self)
        if let address = try? NetworkAddress(text: text) {
            let again = try? NetworkAddress(text: address.description)
            try hold(again == address, "\(address) is read as \(again.map { "\($0)" } ?? "no address")")
            try hold(address.description.utf8.count <= Limits.addressBytes, "an address of too many characters")
        }
        if let device = DeviceID(text: text) {
            try hold(DeviceID(text: device.description) == device, "a device is written as another")
        }
        if let folder = FolderID(text: text) {
            try hold(FolderID(text: folder.description) == folder, "a folder is written as another")
        }
    }

    /// A TXT record as DNS has it: strings, each with a byte of length.
    static let textRecord = FuzzTarget("text-record") {
        let (salt, tag) = (String(repeating: "0a", count: 16), String(repeating: "f0", count: 16))
        return [
            ["v=1", "s=\(salt)", "h=\(tag)"], ["v=1", "s=\(salt)", "h=\(tag)", "p=1", "n=Laptop"],
            ["V=65535", "S=\(salt)", "H=\(tag)", "p", "n=\u{202e}", "=x", "", "z=\u{e9}"], ["v=0"], ["v=1", "v=2"],
        ].map { strings in strings.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } }
    } check: { input in
        var pieces = Pieces(input)
        var strings: [[UInt8]] = []
        while !pieces.isEmpty {
            let count = pieces.byte()
            strings.append((0..<count).map { _ in pieces.byte() })
        }
        guard let record = try? TextRecord(strings: strings) else { return }
        try hold(try TextRecord(strings: record.strings) == record, "a TXT record is published as another")
        try hold(record.strings.allSatisfy { $0.count <= Limits.textStringBytes }, "a string does not fit its length")
        if let name = record.pairingName {
            try hold((1...Limits.deviceNameBytes).contains(name.utf8.count), "a name of \(name.utf8.count) bytes")
        }
    }
}
