import SyncModel

extension JoinRequest {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.bytes16(invite)
        writer.bytes32(proof)
        try writer.name(deviceName, Limits.deviceNameBytes, "device name")
        try writer.optional(folder) { (writer, folder) throws(WireError) in writer.folder(folder) }
    }

    init(from reader: inout WireReader) throws(WireError) {
        invite = try reader.bytes16("invite")
        proof = try reader.bytes32("proof")
        deviceName = try reader.name(Limits.deviceNameBytes, "device name")
        folder = try reader.optional("folder flag") { (reader) throws(WireError) in try reader.folder() }
    }
}

extension JoinReply {
    func write(to writer: inout WireWriter) throws(WireError) {
        switch self {
        case .accepted(let acceptance):
            writer.byte(0)
            writer.folder(acceptance.folder)
            try writer.name(acceptance.folderName, Limits.folderNameBytes, "folder name")
            writer.byte(acceptance.role.wireCode)
            try MembershipRecord.write(acceptance.records, of: acceptance.folder, to: &writer)
        case .refused(let refusal):
            writer.choice(refusal)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        let code = try reader.byte("result")
        guard code == 0 else {
            guard let refusal = JoinRefusal(rawValue: code) else {
                throw reader.failure(.invalidValue, "The result \(code) is not known.")
            }
            self = .refused(refusal)
            return
        }
        let folder = try reader.folder()
        let name = try reader.name(Limits.folderNameBytes, "folder name")
        let role = try Role(from: &reader)
        let records = try MembershipRecord.readList(of: folder, from: &reader)
        self = .accepted(JoinAcceptance(folder: folder, folderName: name, role: role, records: records))
    }
}
