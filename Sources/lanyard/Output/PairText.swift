import ControlAPI

/// The words of a pairing.
enum PairText {
    static func question(_ session: PairingSession) -> [String] {
        [
            "",
            "This is what the other device, which calls itself \(DisplayText.printable(session.peer.name)), must show:",
            "", "        \(spaced(session.code))", "",
        ]
    }

    /// `4 8 2   9 1 3`.
    static func spaced(_ code: String) -> String {
        let digits = Array(DisplayText.printable(code))
        let halves = [digits.prefix(digits.count / 2), digits.suffix(from: digits.count / 2)]
        return halves.map { half in half.map { String($0) }.joined(separator: " ") }.joined(separator: "   ")
    }

    /// Where it is for a person to say which folders become one.
    static func nothingShared(with name: String) -> [String] {
        let device = DisplayText.printable(name)
        return [
            "No folder is shared with \(device) yet. Choose one:",
            "    here:     lanyard folder share FOLDER '\(device)'",
            "    on \(device): lanyard folder accept FOLDER PATH",
        ]
    }

    static func isYes(_ answer: String?) -> Bool {
        guard let word = answer?.lowercased().filter({ !$0.isWhitespace }) else { return false }
        return word == "y" || word == "yes"
    }

    static func outcome(_ session: PairingSession) -> String {
        let name = DisplayText.printable(session.peer.name)
        return switch session.state {
        case .comparing: "The pairing with \(name) waits for an answer."
        case .confirmed: "This device said yes; \(name) has not answered yet."
        case .paired: "Paired with \(name)."
        case .refused: "Not paired: one of the two said no."
        case .expired: "Not paired: the time for an answer is over. Try again with: lanyard pair"
        case .failed: "Not paired: the connection broke. Try again with: lanyard pair"
        }
    }
}
