import AgentProcesses
import ControlAPI
import Cryptography
import Glibc
import SQLiteIndex
import SyncModel
import TLSTransport
import Testing

@testable import AgentRuntime

/// The directory that holds an agent's state, and what a person decides about one that was copied (rule 9).
@Suite struct HomeTests {
    private static let state = ["device.db", "device.db-wal", "device.db-shm", "index", "identity"]

    /// A home with an identity and a store, not in use.
    private func home(in directory: TemporaryDirectory, _ name: String = "home") throws -> AgentHome {
        let home = try AgentHome("\(directory.path)/\(name)")
        _ = try Identity.loadOrCreate(home: home.path)
        let store = try home.openStore()
        try home.checkBinding(store)
        try store.set("name", to: name)
        try store.close()
        try Files.write(home.indexPath(of: folderA), "an index")
        return home
    }

    private func name(in path: String) throws -> String? {
        let store = try DeviceStore.open(path: path)
        defer { try? store.close() }
        return try store.setting("name")
    }

    @Test func itIsMadeForItsUserAlone() throws {
        let directory = try TemporaryDirectory()
        let home = try AgentHome(directory.path + "/a//b/home/")
        for part in ["a", "a/b", "a/b/home", "a/b/home/index"] {
            #expect(Files.mode("\(directory.path)/\(part)") == 0o700, "\(part)")
        }
        // One that was made by hand is closed to others; what is above stays as it is.
        chmod(directory.path + "/a", 0o755)
        chmod(home.path, 0o755)
        _ = try AgentHome(home.path)
        #expect(Files.mode(directory.path + "/a/b/home") == 0o700)
        #expect(Files.mode(directory.path + "/a") == 0o755)
    }

    @Test(arguments: ["file", "file/below", "home"]) func whatStandsInItsPlaceIsSaidAndStays(name: String) throws {
        let directory = try TemporaryDirectory()
        try Files.write(directory.path + "/file", "mine")
        try Files.make(directory.path + "/home")
        try Files.write(directory.path + "/home/index", "mine")
        let error = #expect(throws: AgentError.self) { try AgentHome("\(directory.path)/\(name)") }
        #expect(error?.code == .home)
        #expect(Files.text(directory.path + "/file") == "mine")
        #expect(Files.text(directory.path + "/home/index") == "mine")
    }

    @Test func aCopyIsToldFromTheOriginal() throws {
        let directory = try TemporaryDirectory()
        let home = try home(in: directory)
        let store = try home.openStore()
        try home.checkBinding(store)
        try store.close()
        let copy = try AgentHome(directory.path + "/copy")
        for file in Files.names(home.path) where file.hasPrefix("device.db") {
            try Files.write("\(copy.path)/\(file)", try #require(Files.content("\(home.path)/\(file)")))
        }
        let copied = try copy.openStore()
        let error = #expect(throws: AgentError.self) { try copy.checkBinding(copied) }
        #expect(error?.code == .copied)
        // Asked again, it is not forgotten.
        #expect(throws: AgentError.self) { try copy.checkBinding(copied) }
        try copied.close()
        try Files.make(copy.path + "/identity")
        try HomeIdentity.keep(home: copy.path)
        let kept = try copy.openStore()
        try copy.checkBinding(kept)
        try kept.close()
    }

    @Test func theMachinesStartIsBeforeNowAndKeepsItsName() {
        let start = SystemFile.machineStart()
        #expect(start.at.seconds > 0 && start.at.seconds <= Int64(time(nil)))
        #expect(!start.id.isEmpty && start.id == SystemFile.machineStart().id)
    }

    @Test func aRenewedHomeIsEmptyAndNothingIsGone() throws {
        let directory = try TemporaryDirectory()
        let home = try home(in: directory)
        let key = try #require(Files.content(home.path + "/identity/key.pem"))
        let place = try HomeIdentity.renew(home: home.path)
        #expect(place.hasPrefix(home.path + "/retired-"))
        for name in Self.state { #expect(!Files.exists("\(home.path)/\(name)"), "\(name)") }
        #expect(Files.content(place + "/identity/key.pem") == key)
        #expect(Files.text("\(place)/index/\(folderA).db") == "an index")
        #expect(try name(in: place + "/device.db") == "home")
        #expect(throws: ControlError.self) { try HomeIdentity.renew(home: home.path) }
        // The next start makes another device.
        let renewed = try AgentHome(home.path)
        try renewed.checkRenewal()
        _ = try Identity.loadOrCreate(home: renewed.path)
        #expect(Files.content(home.path + "/identity/key.pem") != key)
    }

    /// The clock may give two renewals one name.
    @Test func whatWasRetiredIsNeverOverwritten() throws {
        let directory = try TemporaryDirectory()
        var places: [String] = []
        for number in 0..<3 {
            let home = try home(in: directory)
            let store = try home.openStore()
            try store.set("name", to: "number \(number)")
            try store.close()
            places.append(try home.retire(to: "retired-1"))
        }
        #expect(Set(places).count == 3)
        for (number, place) in places.enumerated() {
            #expect(try name(in: place + "/device.db") == "number \(number)")
            #expect(Files.exists(place + "/identity/key.pem"))
        }
    }

    /// A renewal may be cut off between any two of its steps: nothing runs on the home until it is brought to its end.
    @Test(arguments: 0...6) func aRenewalThatWasCutOffGoesOn(steps: Int) throws {
        let directory = try TemporaryDirectory()
        let home = try home(in: directory)
        try Files.link(home.path + "/renewing", to: "retired-5")
        if steps > 0 { try Files.make(home.path + "/retired-5") }
        for name in Self.state.prefix(max(0, steps - 1)) where Files.exists("\(home.path)/\(name)") {
            try Files.move("\(home.path)/\(name)", "\(home.path)/retired-5/\(name)")
        }
        let error = #expect(throws: AgentError.self) { try home.checkRenewal() }
        #expect(error?.code == .copied)
        // To keep what is half gone would begin a new store in its place.
        let refusal = #expect(throws: ControlError.self) { try HomeIdentity.keep(home: home.path) }
        #expect(refusal != nil)
        #expect(try HomeIdentity.renew(home: home.path) == home.path + "/retired-5")
        #expect(try name(in: home.path + "/retired-5/device.db") == "home")
        #expect(Files.exists(home.path + "/retired-5/identity/key.pem"))
        #expect(Files.text("\(home.path)/retired-5/index/\(folderA).db") == "an index")
        try home.checkRenewal()
    }

    @Test func aHomeInUseIsLeftAlone() throws {
        let directory = try TemporaryDirectory()
        let home = try home(in: directory)
        let lock = try HomeLock(home: home.path)
        for decide in [{ try HomeIdentity.keep(home: $0) }, { _ = try HomeIdentity.renew(home: $0) }]
            as [(String) throws -> Void]
        {
            let error = #expect(throws: ControlError.self) { try decide(home.path) }
            #expect(error?.code == .agentRunning)
        }
        withExtendedLifetime(lock) {}
        #expect(Files.exists(home.path + "/identity/key.pem"))
    }

    @Test func smallFilesAreReadUpToTheirFirstLine() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/file"
        #expect(SystemFile.text(path) == "")
        #expect(SystemFile.text(directory.path) == "")
        for (text, line) in [("", ""), ("one", "one"), ("one\n", "one"), ("one\ntwo\n", "one"), ("\none", "")] {
            try Files.write(path, text)
            #expect(SystemFile.text(path) == line)
        }
        try Files.write(path, [UInt8](repeating: 0x61, count: 10_000))
        #expect(SystemFile.text(path).utf8.count == 4_096)
    }
}
