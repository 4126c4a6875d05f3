import SyncModel

extension Hello {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.fixed(protocolVersion)
        writer.fixed(oldestVersion)
        try check(at: writer.bytes.count)
        try writer.text(agentVersion, Limits.textBytes, "agent version")
        try writer.name(deviceName, Limits.deviceNameBytes, "device name")
        writer.fixed(capabilities.rawValue)
        try writer.list(listen, Limits.addresses, "addresses") { (writer, address) throws(WireError) in
            try writer.name(address, Limits.addressBytes, "address")
        }
        writer.fixed(generation)
        writer.flag(isPaired)
    }

    init(from reader: inout WireReader) throws(WireError) {
        protocolVersion = try reader.fixed(UInt32.self, "protocol version")
        oldestVersion = try reader.fixed(UInt32.self, "oldest version")
        agentVersion = try reader.text(Limits.textBytes, "agent version")
        deviceName = try reader.name(Limits.deviceNameBytes, "device name")
        capabilities = Capabilities(rawValue: try reader.fixed(UInt64.self, "capabilities"))
        listen = try reader.list(Limits.addresses, least: 2, "addresses") { (reader) throws(WireError) in
            try reader.name(Limits.addressBytes, "address")
        }
        generation = try reader.fixed(UInt64.self, "generation")
        isPaired = try reader.flag("paired flag")
        try check(at: reader.offset)
    }

    private func check(at offset: Int) throws(WireError) {
        guard oldestVersion >= 1, oldestVersion <= protocolVersion else {
            throw WireError(.invalidValue, at: offset, "The oldest version is 0 or above the newest.")
        }
    }
}

extension Close {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.choice(code)
        try writer.text(text, Limits.textBytes, "reason")
    }

    init(from reader: inout WireReader) throws(WireError) {
        code = try reader.choice(CloseCode.self, "close code")
        text = try reader.text(Limits.textBytes, "reason")
    }
}
