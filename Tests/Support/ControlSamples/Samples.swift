public import ControlAPI
import SyncModel

/// What the fake agent answers with.
public enum Samples {
    public static let noon = Timestamp(seconds: 1_795_521_600)
    static let digest = String(repeating: "ab", count: 32)
    static let otherDigest = String(repeating: "cd", count: 32)
    public static let laptop = OwnDevice(
        id: String(repeating: "3f", count: 32), name: "laptop", listen: ["192.168.1.4:22077", "[fd00::4]:22077"])
    static let nas = String(repeating: "77", count: 32)
    static let phone = String(repeating: "88", count: 32)

    public static let documents = documents(.idle)

    public static func documents(_ state: FolderState) -> FolderStatus {
        FolderStatus(
            id: String(repeating: "0c", count: 16), name: "documents",
            path: LocalPath(bytes: "/home/ann/documents".utf8),
            state: state, rootDigest: digest, files: 1_204, bytes: 3_456_789_012, scannedAt: noon,
            members: [
                MemberStatus(
                    id: nas, name: "nas", role: .archive, connected: true, address: "192.168.1.9:22077",
                    rootDigest: digest),
                MemberStatus(
                    id: phone, name: "phone", role: .readWrite, connected: false, address: "192.168.1.23:22077",
                    rootDigest: otherDigest, needFiles: 12, needBytes: 3_400_000),
            ])
    }

    public static let status = AgentStatus(
        device: laptop, generation: 17, folders: [documents],
        rates: TransferRates(receivedBytesPerSecond: 0, sentBytesPerSecond: 12_345_678))

    /// Of an agent that was started for the first time.
    public static let newStatus = AgentStatus(
        device: OwnDevice(id: laptop.id, name: "laptop", listen: []), generation: 1, folders: [],
        rates: TransferRates())

    public static let changes = [
        LocalChangeReport(path: LocalPath(bytes: Array("a".utf8)), change: .edited, bytes: 7),
        LocalChangeReport(path: LocalPath(bytes: [0xff]), change: .deleted, bytes: 0),
    ]

    /// Everything that a status can hold.
    public static let troubledStatus: AgentStatus = {
        var syncing = documents(.syncing)
        (syncing.needFiles, syncing.needBytes, syncing.relayPending) = (1_000, 90_000_000, 3)
        var held = FolderStatus(
            id: String(repeating: "0d", count: 16), name: "photos",
            path: LocalPath(bytes: Array("/srv/ph".utf8) + [0xff, 0x0a]), state: .held, files: 1, bytes: 999)
        (held.heldDeletions, held.localChanges, held.conflicts) = (1_300, 3, 2)
        held.problems = [
            FolderProblem(path: nil, message: "the disk is full; free 64 MB", since: noon),
            FolderProblem(path: LocalPath(bytes: [0xc3, 0x28]), message: "permission denied \u{1b}[2J", since: noon),
        ]
        held.problems += (1...4).map { number in
            FolderProblem(path: LocalPath(bytes: "f\(number)".utf8), message: "open for writing", since: noon)
        }
        return AgentStatus(
            device: laptop, generation: 18, folders: [syncing, held],
            rates: TransferRates(receivedBytesPerSecond: 1_000_000, sentBytesPerSecond: 0),
            problems: [FolderProblem(path: nil, message: "The Avahi daemon is not running.", since: noon)])
    }()

    public static let problems = [
        AgentProblem(folder: nil, path: nil, message: "The Avahi daemon is not running.", since: noon),
        AgentProblem(
            folder: "documents", path: LocalPath(bytes: "a/b".utf8), message: "permission denied", since: noon),
    ]

    public static let goodDoctor = DoctorReport(checks: [
        DoctorCheck(name: "clock", ok: true, message: "set by the network"),
        DoctorCheck(name: "disk", ok: true, message: "120 GB free"),
    ])

    package static let badDoctor = DoctorReport(checks: [
        DoctorCheck(name: "clock", ok: true, message: "set by the network"),
        DoctorCheck(
            name: "avahi", ok: false, message: "the daemon is not running",
            remedy: "sudo systemctl enable --now avahi-daemon"),
    ])

    package static let unsynced = WaitReport(
        synced: false,
        reasons: [
            WaitReason(folder: "documents", device: "phone", message: "lacks 12 files"),
            WaitReason(folder: nil, message: "no member is connected"),
        ])

    package static let folderList = FolderList(
        folders: [documents, troubledStatus.folders[1]],
        offers: [FolderOffer(id: String(repeating: "0e", count: 16), name: "music", device: "nas", role: .readOnly)])
}
