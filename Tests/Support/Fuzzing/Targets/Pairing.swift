import Cryptography
import SyncModel
import WireProtocol
import WireVectors

extension FuzzTargets {
    /// The text of an invite link.
    static let invite = FuzzTarget("invite") {
        let link = InviteLink(
            inviter: DeviceID(.zero), addresses: ["192.0.2.1:22077", "[fe80::1%eth0]:22077"],
            invite: Bytes16(high: 1, low: 2), secret: Bytes16(high: 3, low: 4), folder: FolderID(high: 5, low: 6),
            folderName: "Photos", expires: 1_900_000_000)
        let text = try link.text()
        return [text, " \(text)\n", "\(text)A", InviteLink.prefix].map { Array($0.utf8) }
    } check: { input in
        let text = String(decoding: input, as: UTF8.self)
        guard let link = try? InviteLink(text: text) else { return }
        try hold(link.addresses.count <= Limits.addresses, "\(link.addresses.count) addresses")
        try hold(link.folderName.utf8.count <= Limits.folderNameBytes, "a long folder name")
        guard let again = try? link.text() else { throw Broken("a link is read that can't be written") }
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
        let given = Array(text.utf8).filter { !blanks.contains($0) }
        try hold(Array(again.utf8) == given || again.utf8.count < given.count, "a link has two texts of one length")
        try hold(try InviteLink(text: again) == link, "a link is written as another")
    }

    /// A public key info and a signature from a membership record, as pieces, or the PEM of an identity's key.
    static let keys = FuzzTarget("keys", heapBytes: { 64 * $0 + 4 << 20 }) {
        let key = try SigningKey(seed: [UInt8](repeating: 7, count: SigningKey.seedBytes))
        let signature = try key.sign(message)
        return [Pieces.piece(key.publicKeyInfo) + signature, try key.pem()]
    } check: { input in
        var pieces = Pieces(input)
        let information = pieces.piece()
        let signature = pieces.remainder()
        if PublicKey.verify(signature: signature, message: message, publicKeyInfo: information) {
            try hold(signature.count == SigningKey.signatureBytes, "a signature of \(signature.count) bytes")
            try hold(information.count == 44, "a key of \(information.count) bytes verifies")
        }
        guard let key = try? SigningKey(pem: input) else { return }
        let again = try SigningKey(pem: try key.pem())
        try hold(again.publicKeyInfo == key.publicKeyInfo, "a key is written as another")
        try hold(
            PublicKey.verify(signature: try key.sign(message), message: message, publicKeyInfo: key.publicKeyInfo),
            "what a key signs does not verify")
    }

    private static let message = Array("lanyard".utf8)
}
