import ControlAPI
import SyncModel

/// The one screen of `status`, as lines.
enum StatusScreen {
    static func lines(_ status: AgentStatus) -> [String] {
        var lines = device(status.device)
        if status.folders.isEmpty { lines += ["", "No folders yet. Add one with: lanyard folder add PATH"] }
        for folder in status.folders { lines += [""] + self.folder(folder, rate: status.rates.receivedBytesPerSecond) }
        if !status.problems.isEmpty { lines += [""] + problems(status.problems, indent: 0) }
        if let rates = rates(status.rates) { lines += ["", rates] }
        return lines
    }

    static func shortID(_ id: String) -> String { String(id.prefix(8)) }

    private static func device(_ device: OwnDevice) -> [String] {
        let addresses =
            device.listen.isEmpty ? "not listening" : "listening on " + device.listen.joined(separator: ", ")
        return ["\(name(device.name)) (\(shortID(device.id))), \(addresses)"]
    }

    private static func folder(_ folder: FolderStatus, rate: UInt64) -> [String] {
        var lines = ["\(name(folder.name))  \(folder.path)  \(state(folder, rate: rate))"]
        lines.append("    \(Units.files(folder.files)), \(Units.bytes(folder.bytes))")
        if folder.members.isEmpty {
            lines.append("    not shared yet; pair a device with: lanyard pair")
        }
        lines += Table.lines(folder.members.map { member($0, of: folder) }, indent: 4)
        if folder.heldDeletions > 0 {
            lines.append(
                """
                    \(Units.count(folder.heldDeletions)) deletions are held; let them happen with: \
                lanyard folder release \(name(folder.name)), or undo them with: \
                lanyard folder discard \(name(folder.name))
                """)
        }
        if folder.localChanges > 0 {
            lines.append(
                """
                    local changes, which nobody is told of: \(Units.count(folder.localChanges)); list them with: \
                lanyard folder changes \(name(folder.name)), or take them back with: \
                lanyard folder revert \(name(folder.name))
                """)
        }
        if folder.conflicts > 0 {
            lines.append(
                "    conflict copies: \(Units.count(folder.conflicts)); list them with: lanyard conflicts list")
        }
        if folder.relayPending > 0 {
            lines.append("    \(Units.files(folder.relayPending)) not yet handed to an endpoint")
        }
        return lines + problems(folder.problems, indent: 4)
    }

    /// The state in words, with what is missing and how long it takes.
    static func state(_ folder: FolderStatus, rate: UInt64) -> String {
        guard folder.needFiles > 0 else { return folder.state.rawValue }
        var words =
            "\(folder.state.rawValue), \(Units.files(folder.needFiles)) and \(Units.bytes(folder.needBytes)) to go"
        if folder.state == .syncing, let time = Units.timeLeft(bytes: folder.needBytes, rate: rate) {
            words += ", about \(time)"
        }
        return words
    }

    private static func member(_ member: MemberStatus, of folder: FolderStatus) -> [String] {
        [
            name(member.name), member.role.rawValue, member.connected ? "connected" : "away",
            DisplayText.printable(member.address ?? ""), lack(member, of: folder),
        ]
    }

    private static func lack(_ member: MemberStatus, of folder: FolderStatus) -> String {
        if member.needFiles > 0 { return "lacks \(Units.files(member.needFiles)), \(Units.bytes(member.needBytes))" }
        guard let theirs = member.rootDigest, let ours = folder.rootDigest else { return "not compared yet" }
        return theirs == ours ? "in sync" : "differs"
    }

    private static func problems(_ problems: [FolderProblem], indent: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        var lines = problems.prefix(shown).map { problem in
            let place = problem.path.map { "\($0): " } ?? ""
            return "\(space)! \(place)\(DisplayText.printable(problem.message))"
        }
        if problems.count > shown {
            lines.append("\(space)! and \(problems.count - shown) more; list them with: lanyard problems")
        }
        return lines
    }

    /// Problems of one folder on the screen.
    private static let shown = 5

    private static func rates(_ rates: TransferRates) -> String? {
        guard rates.receivedBytesPerSecond > 0 || rates.sentBytesPerSecond > 0 else { return nil }
        return """
            receiving \(Units.bytes(rates.receivedBytesPerSecond))/s, sending \(Units.bytes(rates.sentBytesPerSecond))/s
            """
    }

    private static func name(_ text: String) -> String { DisplayText.printable(text) }
}
