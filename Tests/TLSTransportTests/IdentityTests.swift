import Cryptography
import Glibc
import SyncModel
import Testing

@testable import TLSTransport

extension TransportTests {
    /// The identity's files: private, whole, and never replaced.
    @Suite final class IdentityTests {
        private let home: String
        private var directory: String { home + "/identity" }
        private var key: String { directory + "/key.pem" }
        private var certificate: String { directory + "/certificate.pem" }

        init() throws {
            var template = Array("/tmp/lanyard-identity-XXXXXX".utf8CString)
            let made = try #require(mkdtemp(&template))
            home = String(cString: made)
        }

        deinit {
            for path in [key, certificate] { unlink(path) }
            rmdir(directory)
            unlink(directory)
            rmdir(home)
        }

        private func mode(_ path: String) -> mode_t {
            var status = stat()
            return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
        }

        private func read(_ path: String) -> [UInt8] {
            guard let file = fopen(path, "r") else { return [] }
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1 << 18)
            return Array(bytes.prefix(fread(&bytes, 1, bytes.count, file)))
        }

        private func write(_ bytes: [UInt8], to path: String) {
            guard let file = fopen(path, "w") else { return }
            fwrite(bytes, 1, bytes.count, file)
            fclose(file)
            chmod(path, 0o600)
        }

        private func refuses(_ code: TransportError.Code, _ location: SourceLocation = #_sourceLocation) {
            let before = [read(key), read(certificate)]
            #expect(throws: TransportError(code, ""), sourceLocation: location) {
                try Identity.loadOrCreate(home: home)
            }
            #expect([read(key), read(certificate)] == before, "nothing is replaced", sourceLocation: location)
        }

        @Test func theFirstStartMakesItAndLaterOnesFindIt() throws {
            let mask = umask(0)
            let first = try Identity.loadOrCreate(home: home)
            umask(mask)
            #expect(mode(directory) == 0o700)
            #expect(mode(key) == 0o600 && mode(certificate) == 0o600)
            let second = try Identity.loadOrCreate(home: home)
            #expect(second.deviceID == first.deviceID)
            #expect(second.certificate == first.certificate)
        }

        @Test func twoIdentitiesDiffer() throws {
            #expect(try Identity.ephemeral().deviceID != Identity.ephemeral().deviceID)
        }

        @Test func aMissingCertificateIsMadeAnewFromTheKey() throws {
            let first = try Identity.loadOrCreate(home: home)
            unlink(certificate)
            let second = try Identity.loadOrCreate(home: home)
            #expect(second.deviceID == first.deviceID)
            #expect(mode(certificate) == 0o600)
            #expect(throws: Never.self) { try Transport(identity: second, authorize: { _ in .paired }) }
        }

        @Test func aDamagedKeyIsRefusedAndLeftAlone() throws {
            _ = try Identity.loadOrCreate(home: home)
            let whole = read(key)
            var changed = whole
            changed[whole.count / 2] ^= 0x40
            for bytes in [
                [], Array(whole.prefix(whole.count / 2)), Array("hello".utf8), [UInt8](repeating: 65, count: 65_537),
            ] {
                write(bytes, to: key)
                refuses(.identityDamaged)
            }
            // A key of another kind is no key of ours.
            write(read(certificate), to: key)
            refuses(.identityDamaged)
        }

        @Test func aDamagedCertificateIsRefusedAndLeftAlone() throws {
            _ = try Identity.loadOrCreate(home: home)
            let whole = read(certificate)
            for bytes in [[], Array(whole.prefix(whole.count / 2)), Array("hello".utf8)] {
                write(bytes, to: certificate)
                refuses(.identityDamaged)
            }
        }

        @Test func filesThatDoNotBelongTogetherAreRefused() throws {
            _ = try Identity.loadOrCreate(home: home)
            write(try Identity.ephemeral().certificate, to: certificate)
            refuses(.identityDamaged)
            unlink(key)
            refuses(.identityDamaged)
        }

        @Test(arguments: [0o640, 0o604, 0o660, 0o666] as [mode_t])
        func filesThatOthersMayUseAreRefused(_ mode: mode_t) throws {
            _ = try Identity.loadOrCreate(home: home)
            chmod(key, mode)
            refuses(.identityPermissions)
            chmod(key, 0o600)
            chmod(certificate, mode)
            refuses(.identityPermissions)
        }

        @Test(arguments: [0o750, 0o701, 0o777] as [mode_t])
        func aDirectoryThatOthersMayEnterIsRefused(_ mode: mode_t) throws {
            _ = try Identity.loadOrCreate(home: home)
            chmod(directory, mode)
            refuses(.identityPermissions)
            chmod(directory, 0o700)
            #expect(throws: Never.self) { try Identity.loadOrCreate(home: home) }
        }

        @Test func linksAreNotFollowed() throws {
            _ = try Identity.loadOrCreate(home: home)
            let elsewhere = home + "/elsewhere"
            rename(key, elsewhere)
            symlink(elsewhere, key)
            refuses(.identityFiles)
            unlink(key)
            rename(elsewhere, key)
            rename(directory, elsewhere)
            symlink(elsewhere, directory)
            #expect(throws: TransportError(.identityFiles, "")) { try Identity.loadOrCreate(home: home) }
            unlink(directory)
            rename(elsewhere, directory)
        }

        @Test func aHomeThatIsMissingIsSaid() {
            #expect(throws: TransportError(.identityFiles, "")) { try Identity.loadOrCreate(home: home + "/none") }
        }

        @Test func processesThatStartAtOnceGetOneIdentity() throws {
            let found = Monitor<[String]>([])
            let home = self.home
            let threads = try (0..<8).map { _ in
                try TransportThread(name: "starting") {
                    let device = try? Identity.loadOrCreate(home: home).deviceID
                    found.announce { $0.append(device?.description ?? "none") }
                }
            }
            for thread in threads { thread.join() }
            let devices = Set(found.withLock { $0 })
            #expect(devices.count == 1 && !devices.contains("none"), "\(devices)")
        }
    }
}
