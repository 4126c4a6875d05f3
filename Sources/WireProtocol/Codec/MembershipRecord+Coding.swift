import Cryptography
public import SyncModel

extension MembershipRecord {
    /// Begins every byte string that is signed for a membership.
    static let label = Array("lanyard membership 1\0".utf8)

    /// What `signature` is over: the label and the canonical encoding of everything but the signature.
    public func signedBytes() throws(WireError) -> [UInt8] {
        var writer = WireWriter(reserving: 512)
        writer.raw(MembershipRecord.label)
        try writeStatement(to: &writer)
        return writer.bytes
    }

    /// The record's identity, by which later records name it: the SHA-256 of `signedBytes`. It does not depend on the
    /// signature, of which there can be many.
    public func identity() throws(WireError) -> Bytes32 { SHA256.hash(try signedBytes()) }

    /// The whole record, as in messages and for storage.
    public func encoded() throws(WireError) -> [UInt8] {
        var writer = WireWriter(reserving: 512)
        try write(to: &writer)
        return writer.bytes
    }

    /// The inverse of `encoded`, with all checks but `verify`.
    public init(encoded bytes: [UInt8]) throws(WireError) {
        var reader = WireReader(bytes)
        try self.init(from: &reader)
        try reader.finishBytes()
    }

    /// Refuses unless `signer` is the SHA-256 of `signerKey`, and `check` finds that the key (DER public key info)
    /// signed the message with the signature. Whether the signer may sign is the folder's question, not answered here.
    public func verify(
        _ check: (_ key: [UInt8], _ message: [UInt8], _ signature: [UInt8]) -> Bool
    ) throws(WireError) {
        guard SHA256.hash(signerKey) == signer.raw else {
            throw WireError(.invalidSignature, "The key of a membership record is not its signer's.")
        }
        guard check(signerKey, try signedBytes(), signature) else {
            throw WireError(.invalidSignature, "The signature of a membership record does not verify.")
        }
    }
}

extension MembershipRecord {
    func writeStatement(to writer: inout WireWriter) throws(WireError) {
        writer.folder(folder)
        writer.choice(action)
        writer.device(device)
        try writer.counter(incarnation, "incarnation")
        writer.byte(role.wireCode)
        try writer.name(deviceName, Limits.deviceNameBytes, "device name")
        try writer.ascending(predecessors, Limits.membershipPredecessors, "predecessors", by: { $0 }) {
            (writer, hash) throws(WireError) in writer.bytes32(hash)
        }
        try writer.vector(knownFrontier, "known frontier")
        writer.device(signer)
        try writer.slice(signerKey, Limits.publicKeyBytes, "signer's key")
        writer.extensions()
    }

    func write(to writer: inout WireWriter) throws(WireError) {
        try writeStatement(to: &writer)
        try writer.slice(signature, Limits.signatureBytes, "signature")
    }

    init(from reader: inout WireReader) throws(WireError) {
        let folder = try reader.folder()
        let action = try reader.choice(Action.self, "action")
        let device = try reader.device()
        let incarnation = try reader.counter("incarnation")
        let role = try Role(from: &reader)
        let deviceName = try reader.name(Limits.deviceNameBytes, "device name")
        let predecessors = try reader.ascending(
            Limits.membershipPredecessors, least: 32, "predecessors", by: { (hash: Bytes32) in hash }
        ) { (reader) throws(WireError) in try reader.bytes32("predecessor") }
        let knownFrontier = try reader.vector("known frontier")
        let signer = try reader.device()
        let signerKey = Array(try reader.slice(Limits.publicKeyBytes, "signer's key"))
        guard try reader.byte("extension area") == 0 else {
            throw reader.failure(.unknownExtension, "A membership record has an extension: its hash would be lost.")
        }
        self.init(
            folder: folder, action: action, device: device, incarnation: incarnation, role: role,
            deviceName: deviceName, predecessors: predecessors, knownFrontier: knownFrontier, signer: signer,
            signerKey: signerKey, signature: Array(try reader.slice(Limits.signatureBytes, "signature")))
    }

    /// A list in which each record is of `folder`.
    static func write(
        _ records: [MembershipRecord], of folder: FolderID, to writer: inout WireWriter
    ) throws(WireError) {
        try writer.list(records, Limits.membershipRecords, "membership records") { (writer, record) throws(WireError) in
            guard record.folder == folder else {
                throw writer.failure(.inconsistent, "A membership record is of another folder.")
            }
            try record.write(to: &writer)
        }
    }

    static func readList(of folder: FolderID, from reader: inout WireReader) throws(WireError) -> [MembershipRecord] {
        try reader.list(Limits.membershipRecords, least: 90, "membership records") { (reader) throws(WireError) in
            let record = try MembershipRecord(from: &reader)
            guard record.folder == folder else {
                throw reader.failure(.inconsistent, "A membership record is of another folder.")
            }
            return record
        }
    }
}

extension Role {
    /// Its number on the wire.
    var wireCode: UInt8 {
        switch self {
        case .readWrite: 1
        case .readOnly: 2
        case .archive: 3
        case .keeper: 4
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        let code = try reader.byte("role")
        guard let role = Role.allCases.first(where: { $0.wireCode == code }) else {
            throw reader.failure(.invalidValue, "The role \(code) is not known.")
        }
        self = role
    }
}
