public import ControlAPI
internal import Glibc
internal import SQLiteIndex

/// What a person decides about a home that was copied or moved, while no agent runs on it (rule 9).
public enum HomeIdentity {
    /// The home's identity belongs to this machine and this directory from now on: the other one is gone for good.
    /// - Throws: `agentRunning`, and `notFound` where there is no identity yet.
    public static func keep(home path: String) throws(ControlError) {
        let lock = try existing(path)
        defer { withExtendedLifetime(lock) {} }
        do {
            let home = try AgentHome(path)
            // A new store in the place of one that was moved aside would take that one's place at the end.
            try home.checkRenewal()
            let store = try home.openStore()
            try store.bind(to: try home.currentBinding())
            try store.close()
        } catch {
            throw ControlError(.failed, "\(error)")
        }
    }

    /// The home forgets who it is: the next start makes a new device without folders. Nothing is deleted.
    /// - Returns: the directory in the home that everything was moved to.
    /// - Throws: `agentRunning`, and `notFound` where there is no identity yet.
    public static func renew(home path: String) throws(ControlError) -> String {
        let lock = try existing(path)
        defer { withExtendedLifetime(lock) {} }
        do throws(AgentError) {
            let home = try AgentHome(path)
            return try home.retire(to: "retired-\(time(nil))")
        } catch {
            throw ControlError(.failed, error.message)
        }
    }

    private static func existing(_ path: String) throws(ControlError) -> HomeLock {
        guard access(path + "/identity", F_OK) == 0 || access(path + "/" + AgentHome.renewalName, F_OK) == 0 else {
            throw ControlError(.notFound, "there is no identity in \(path) yet; 'lanyard up' makes one")
        }
        return try HomeLock(home: path)
    }
}

extension AgentHome {
    /// Stands in the home while what it holds is moved aside: a symlink to the place.
    static let renewalName = "renewing"

    /// What is moved aside: all that an agent keeps but the lock that is held.
    private static let state = ["device.db", "device.db-wal", "device.db-shm", "index", "identity"]

    /// Moves all state into a directory of the home. One that was interrupted goes on.
    /// - Throws: `.home`.
    func retire(to name: String) throws(AgentError) -> String {
        let renewal = path + "/" + Self.renewalName
        // The name of an earlier renewal is not taken again: its state would be overwritten.
        let free = (1...).lazy.map { $0 == 1 ? name : "\(name)-\($0)" }.first { access(path + "/" + $0, F_OK) != 0 }
        if symlink(free ?? name, renewal) != 0, errno != EEXIST { throw failure("mark the renewal in") }
        var target = [CChar](repeating: 0, count: 256)
        guard readlink(renewal, &target, target.count - 1) > 0 else { throw failure("read the renewal mark of") }
        let place =
            path + "/" + String(decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if mkdir(place, 0o700) != 0, errno != EEXIST { throw failure("make \(place) in") }
        for name in Self.state {
            let from = path + "/" + name
            // What was moved before is made anew, empty, by whoever opens the home.
            guard rename(from, place + "/" + name) != 0, errno != ENOENT, rmdir(from) != 0 else { continue }
            throw failure("move \(name) of")
        }
        guard unlink(renewal) == 0 else { throw failure("end the renewal of") }
        return place
    }

    /// - Throws: `.copied` while a renewal is not complete.
    func checkRenewal() throws(AgentError) {
        var status = stat()
        guard lstat(path + "/" + Self.renewalName, &status) == 0 else { return }
        throw AgentError(
            .copied, "a renewal of the identity in \(path) was interrupted; run 'lanyard identity renew' again")
    }

    private func failure(_ what: String) -> AgentError {
        AgentError(.home, "can't \(what) the home \(path): \(String(cString: strerror(errno)))")
    }
}
