import Glibc

/// The programs that the harness runs, and whether it can.
public enum Programs {
    /// Ordinary users' PATH often lacks the directories of administration.
    public static let directories = [
        "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
    ]

    /// Throws with the package that has it.
    public static func path(of program: String) throws(LanError) -> String {
        if program.contains("/") { return program }
        for directory in directories where access("\(directory)/\(program)", X_OK) == 0 {
            return "\(directory)/\(program)"
        }
        throw LanError("\(program) is missing: apt install \(packages[program] ?? program)")
    }

    static let packages = [
        "ip": "iproute2", "tc": "iproute2", "unshare": "util-linux", "nsenter": "util-linux", "mount": "mount",
        "sh": "dash", "dbus-daemon": "dbus-daemon", "avahi-daemon": "avahi-daemon",
    ]
}

extension LanHosts {
    /// Whether tests on such networks run here.
    public static let skip = Skip("lan-hosts", obstacles: obstacles)

    /// What is missing for networks of hosts on this machine, a sentence each; empty if they are possible.
    private static var obstacles: [String] {
        guard geteuid() == 0 else { return ["networks of namespaces need root"] }
        let missing = Programs.packages.keys.sorted().compactMap { program -> String? in
            do throws(LanError) {
                _ = try Programs.path(of: program)
                return nil
            } catch { return error.description }
        }
        guard missing.isEmpty else { return missing }
        do throws(LanError) {
            let trial = try LanHosts(LanPlan(hosts: 1, services: .none))
            trial.tearDown()
            return []
        } catch { return ["namespaces can't be made here: \(error)"] }
    }
}
