internal import ControlAPI
internal import Glibc
internal import SyncEngine
internal import SyncModel

extension AgentService {
    func doctor() async throws(ControlError) -> DoctorReport {
        let status = try await status()
        var checks = [discoveryCheck, listenCheck, watchCheck, clockCheck, userCheck]
        let devices = try await devices()
        checks += status.folders.flatMap(Self.checks)
        checks += status.folders.compactMap { Self.rememberedDeletions($0, devices) }
        checks += devices.map { device in
            DoctorCheck(
                name: "device \(device.name)", ok: true,
                message: device.connected ? "connected at \(device.address ?? "?")" : "not connected")
        }
        return DoctorReport(checks: checks)
    }

    private var discoveryCheck: DoctorCheck {
        guard agent.options.discovery else {
            return DoctorCheck(name: "discovery", ok: true, message: "off by --no-discovery")
        }
        guard let problem = agent.nearby.problem else {
            return DoctorCheck(name: "discovery", ok: true, message: "devices nearby are found through Avahi")
        }
        return DoctorCheck(
            name: "discovery", ok: false, message: problem, remedy: "sudo systemctl enable --now avahi-daemon")
    }

    private var listenCheck: DoctorCheck {
        let addresses = agent.links.listening
        return DoctorCheck(
            name: "listening", ok: !addresses.isEmpty,
            message: addresses.isEmpty
                ? "no address to be reached at" : "reachable at \(addresses.joined(separator: ", "))",
            remedy: addresses.isEmpty ? "ip address" : nil)
    }

    private var watchCheck: DoctorCheck {
        let limit = SystemFile.text("/proc/sys/fs/inotify/max_user_watches")
        return DoctorCheck(name: "inotify", ok: true, message: "up to \(limit) directories can be watched")
    }

    private var clockCheck: DoctorCheck {
        // 2024: an earlier clock is one that was never set.
        let isSet = time(nil) > 1_704_067_200
        return DoctorCheck(
            name: "clock", ok: isSet,
            message: isSet ? "set" : "this machine's clock was never set; certificates and history need it",
            remedy: isSet ? nil : "sudo timedatectl set-ntp true")
    }

    private var userCheck: DoctorCheck {
        let isRoot = geteuid() == 0
        return DoctorCheck(
            name: "user", ok: true,
            message: isRoot ? "running as root: synced files belong to root" : "running as an ordinary user")
    }

    /// What it costs that a member stays away; removing it is a person's decision.
    private static func rememberedDeletions(
        _ folder: ControlAPI.FolderStatus, _ devices: [DeviceReport]
    ) -> DoctorCheck? {
        guard folder.rememberedDeletions > 0, !folder.rememberedFor.isEmpty else { return nil }
        let names = folder.rememberedFor.map { name in
            let seen = devices.first { $0.name == name && !$0.connected }?.lastSeen
            return seen.map { "\(name) (last seen \($0))" } ?? name
        }
        return DoctorCheck(
            name: "folder \(folder.name)", ok: true,
            message: """
                \(folder.rememberedDeletions) deletions are remembered until these have all changes: \
                \(names.joined(separator: ", ")); one that will not come back is removed with: lanyard devices remove
                """)
    }

    private static func checks(_ folder: ControlAPI.FolderStatus) -> [DoctorCheck] {
        var checks = [
            DoctorCheck(
                name: "folder \(folder.name)", ok: folder.state != .error && folder.state != .held,
                message: "\(folder.state.rawValue), \(folder.files) files")
        ]
        let shown = 5
        checks += folder.problems.prefix(shown).map { problem in
            DoctorCheck(
                name: "folder \(folder.name)", ok: false,
                message: (problem.path.map { "\($0): " } ?? "") + problem.message)
        }
        if folder.problems.count > shown {
            let more = "and \(folder.problems.count - shown) more; list them with: lanyard problems"
            checks.append(DoctorCheck(name: "folder \(folder.name)", ok: false, message: more))
        }
        return checks
    }
}
