import Cryptography
public import SyncModel

/// Unpredictable bytes from a seed: nonces and secrets for machines that have no generator of their own.
///
/// Each output and the next state are SHA-256 of the state under different labels, so that an output tells nothing of
/// the others, and a later state nothing of earlier outputs. Chance that comes with an event is mixed in.
public struct SecretStream: Hashable, Sendable {
    private var state: Bytes32

    /// - Parameter seed: Thirty-two bytes of the system's generator, used for nothing else.
    public init(seed: Bytes32) { state = SecretStream.derive("lanyard seed 1\0", seed, 0) }

    /// Thirty-two bytes that were never given before.
    public mutating func next(mixing random: UInt64) -> Bytes32 {
        let output = SecretStream.derive("lanyard output 1\0", state, random)
        state = SecretStream.derive("lanyard state 1\0", state, random)
        return output
    }

    private static func derive(_ label: String, _ state: Bytes32, _ random: UInt64) -> Bytes32 {
        var message = Array(label.utf8)
        state.append(to: &message)
        message += random.bigEndianBytes
        return SHA256.hash(message)
    }
}
