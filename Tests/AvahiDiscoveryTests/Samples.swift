import SyncModel

@testable import AvahiDiscovery

/// Small values that tests name.
enum Samples {
    static let saltText = "000102030405060708090a0b0c0d0e0f"
    static let tagText = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"

    static func device(_ letter: UInt8) -> DeviceID {
        DeviceID(Bytes32([UInt8](repeating: letter, count: 32)) ?? .zero)
    }

    static func salt(_ byte: UInt8) -> HintSalt? { HintSalt([UInt8](repeating: byte, count: 16)) }

    static func hint(_ letter: UInt8, salt byte: UInt8 = 0) throws(Missing) -> DeviceHint {
        guard let salt = salt(byte) else { throw Missing() }
        return DeviceHint(of: device(letter), salt: salt)
    }

    static func strings(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }

    struct Missing: Error {}
}
