import ControlAPI
import ControlSamples
import SyncModel

extension FuzzTargets {
    /// A byte that says of what kind, then a question or an answer of the local API as JSON.
    static let control = FuzzTarget("control", heapBytes: { 4_096 * $0 + 4 << 20 }) {
        let documents = try ControlDocuments.samples()
        return documents + [[0] + Array(#"{"synced":true,"reasons":null,"x":[[[[{}]]]]}"#.utf8)]
    } check: { input in
        guard let kind = input.first else { return }
        try ControlDocuments.check(kind: kind, Array(input.dropFirst()))
    }
}

/// The kinds of documents.
private enum ControlDocuments {
    private typealias Check = @Sendable ([UInt8]) throws -> Void

    private static let kinds: [Check] = [
        reread(AgentStatus.self), reread([AgentProblem].self), reread(DoctorReport.self), reread(WaitRequest.self),
        reread(WaitReport.self), reread(RateLimits.self), reread(FolderList.self), reread(FolderAddition.self),
        reread(FolderSelector.self), reread(FolderShare.self), reread(FolderAcceptance.self),
        reread(FolderReversal.self), reread([LocalChangeReport].self), reread(DeletionBudgetChange.self),
        reread(InviteRequest.self), reread(Invite.self), reread(JoinRequest.self), reread(JoinedFolder.self),
        reread([NearbyDevice].self), reread(PairingRequest.self), reread([PairingSession].self),
        reread(PairingConfirmation.self), reread([DeviceReport].self), reread(DeviceRename.self),
        reread(PathQuery.self), reread(WhyReport.self), reread([ConflictReport].self), reread([HistoryVersion].self),
        reread(RestoreRequest.self), reread(RestoreReport.self), reread(IgnoreReport.self), reread(ControlError.self),
        reread(VersionReport.self),
    ]

    static func check(kind: UInt8, _ bytes: [UInt8]) throws { try kinds[Int(kind) % kinds.count](bytes) }

    private static func reread<Value: Codable & Equatable & SendableMetatype>(_ type: Value.Type) -> Check {
        { bytes in
            guard let value = try? ControlJSON.value(type, from: bytes, orThrow: .malformed) else { return }
            let again = try ControlJSON.bytes(value)
            let reread = try ControlJSON.value(type, from: again, orThrow: .malformed)
            try hold(reread == value, "a \(type) is written as another")
            try hold(try ControlJSON.bytes(reread) == again, "a \(type) is written in two ways")
        }
    }

    /// Each sample under its own kind.
    static func samples() throws -> [[UInt8]] {
        let documents: [(kind: UInt8, any Codable)] = [
            (0, Samples.status), (0, Samples.troubledStatus), (1, Samples.problems), (2, Samples.badDoctor),
            (3, WaitRequest(timeoutSeconds: 1.5)), (4, Samples.unsynced), (5, Samples.limits), (6, Samples.folderList),
            (7, FolderAddition(path: path, name: "n")), (8, FolderSelector(text: "documents", path: path)),
            (9, FolderShare(folder: FolderSelector(text: "documents"), device: "nas", role: .archive)),
            (10, FolderAcceptance(offer: "music", path: path)), (12, Samples.changes), (15, Samples.invite),
            (19, PairingRequest()), (20, [Samples.session(.comparing)]),
            (21, PairingConfirmation(session: "s1", code: "123456")), (22, Samples.devices),
            (24, PathQuery(path: path)),
        ]
        return try documents.map { kind, value in [kind] + Array(try ControlJSON.text(value).utf8) }
    }

    private static let path = LocalPath(bytes: [0x2f, 0xff, 0x61])
}
