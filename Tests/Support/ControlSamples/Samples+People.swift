public import ControlAPI
import SyncModel

extension Samples {
    public static let invite = Invite(link: "lanyard://192.168.1.4:22077/abc", expires: noon)
    public static let limits = RateLimits(sendBytesPerSecond: 2_000_000)
    public static let joined = JoinedFolder(
        device: "laptop", folder: "documents", path: LocalPath(bytes: "/srv/documents".utf8))

    public static let nearby = [
        NearbyDevice(name: "phone", address: "192.168.1.23:22077", pairing: true),
        NearbyDevice(name: "desk\u{7}top", address: "192.168.1.40:22077", pairing: false),
    ]

    public static func session(_ state: PairingState) -> PairingSession {
        PairingSession(
            session: "s1", code: "482913", peer: PairingPeer(id: phone, name: "phone"), expires: noon, state: state)
    }

    public static let devices = [
        DeviceReport(
            id: nas, name: "nas", connected: true, address: "192.168.1.9:22077", lastSeen: noon,
            folders: [SharedFolder(name: "documents", role: .archive)]),
        DeviceReport(
            id: phone, name: "phone", connected: false, lastSeen: noon,
            folders: [SharedFolder(name: "documents", role: .readWrite, needFiles: 1, needBytes: 3_400)]),
        DeviceReport(id: String(repeating: "99", count: 32), name: "old", connected: false),
    ]

    public static let whyYes = WhyReport(
        folder: "documents", path: LocalPath(bytes: "a/b".utf8), inSync: true, reason: "equal on all 2 members")
    public static let whyNot = WhyReport(
        folder: "documents", path: LocalPath(bytes: Array("a/".utf8) + [0xff]), inSync: false,
        reason: "phone is away and has not received it")

    public static let conflicts = [
        ConflictReport(
            folder: "documents", path: LocalPath(bytes: "plan (phone 1a2b3c4d).txt".utf8),
            original: LocalPath(bytes: "plan.txt".utf8), device: "phone", bytes: 1_234, modified: noon)
    ]

    public static let versions = [
        HistoryVersion(path: LocalPath(bytes: "plan.txt".utf8), replaced: noon, modified: noon, bytes: 1_200),
        HistoryVersion(
            path: LocalPath(bytes: "plan.txt".utf8), replaced: Timestamp(seconds: noon.seconds - 86_400), bytes: 12),
    ]

    public static let ignored = IgnoreReport(
        folder: "documents", path: LocalPath(bytes: "b.log".utf8), ignored: true, pattern: "*.log", line: 3)
    public static let notIgnored = IgnoreReport(
        folder: "documents", path: LocalPath(bytes: "b.txt".utf8), ignored: false)
}
