import SyncModel
import Testing

@testable import SQLiteIndex

@Suite struct DeviceStoreTests {
    private func folder(_ number: UInt64, _ name: String) -> StoredFolder {
        StoredFolder(
            folder: FolderID(high: number, low: 0), name: name, path: Array("/home/\(name)\u{1}".utf8) + [0xff],
            role: .archive, isPaused: true, createdSeconds: -5, incarnation: 3, isNeverShared: false,
            isMade: number != 2, replaces: number == 2 ? folderA : nil)
    }

    private func reopened(_ directory: TemporaryDirectory, _ body: (DeviceStore) throws -> Void) throws {
        let store = try DeviceStore.open(path: directory.device)
        try body(store)
        try store.close()
    }

    @Test func devicesComeBack() throws {
        let directory = try TemporaryDirectory()
        let store = try DeviceStore.create(path: directory.device)
        var one = PairedDevice(
            device: device(1), name: "Küche", publicKey: [0, 1, 255], addresses: ["[fe80::1]:7", "host:9"],
            pairedSeconds: 9, seenSeconds: -1)
        let two = PairedDevice(
            device: device(2), name: "", publicKey: [], addresses: [], pairedSeconds: 0, isRemoved: true)
        try store.put(one)
        try store.put(two)
        one.addresses = ["host:9"]
        one.isRemoved = true
        one.seenSeconds = 1 << 40
        try store.put(one)
        try store.close()
        try reopened(directory) { (store: DeviceStore) throws in
            #expect(try store.devices() == [one, two].sorted { $0.device < $1.device })
            #expect(try store.device(device(1)) == one)
            #expect(try store.device(device(3)) == nil)
            var bad = one
            bad.addresses = ["a\nb"]
            #expect(throws: IndexError(.limit, "")) { try store.put(bad) }
            bad.addresses = Array(repeating: "a", count: Limits.deviceAddresses + 1)
            #expect(throws: IndexError(.limit, "")) { try store.put(bad) }
        }
    }

    @Test func devicesOfVersionOneWereNeverSeen() throws {
        let directory = try TemporaryDirectory()
        let first = Schema(applicationID: Schema.device.applicationID, scripts: [Schema.device.scripts[0]])
        let connection = try Connection.create(directory.device, schema: first)
        try connection.hold { database in
            let insert = try Command(database, "INSERT INTO device VALUES (?, 'one', x'', '', 7, 0)")
            insert.bind(1, device(1).raw)
            try insert.run()
        }
        try connection.close()
        try reopened(directory) { (store: DeviceStore) throws in
            let one = PairedDevice(device: device(1), name: "one", publicKey: [], addresses: [], pairedSeconds: 7)
            #expect(try store.devices() == [one])
        }
    }

    /// Their markers are there: none is to be made in what may be an empty mount point.
    @Test func foldersOfVersionTwoAreMade() throws {
        let directory = try TemporaryDirectory()
        let scripts = Array(Schema.device.scripts.prefix(2))
        let connection = try Connection.create(
            directory.device, schema: Schema(applicationID: Schema.device.applicationID, scripts: scripts))
        try connection.hold { database in
            let insert = try Command(
                database, "INSERT INTO folder VALUES (?, 'one', x'2f', 'read-write', 0, 7, 1, 1)")
            insert.bind(1, folderA.bytes)
            try insert.run()
        }
        try connection.close()
        try reopened(directory) { (store: DeviceStore) throws in
            let one = StoredFolder(
                folder: folderA, name: "one", path: [0x2f], role: .readWrite, createdSeconds: 7, isMade: true)
            #expect(try store.folders() == [one])
        }
    }

    @Test func whatBelongsTogetherIsStoredTogether() throws {
        let directory = try TemporaryDirectory()
        let store = try DeviceStore.create(path: directory.device)
        try store.put(folder(1, "a"))
        #expect(throws: IndexError(.exists, "")) {
            try store.atomically {
                try store.set("name", to: "x")
                try store.put(folder(2, "b"))
                #expect(try store.folders().count == 2)
                try store.put(folder(3, "a"))
            }
        }
        #expect(try store.folders() == [folder(1, "a")] && store.settings().isEmpty)
        try store.atomically { for number in 2...4 { try store.put(folder(UInt64(number), "\(number)")) } }
        try store.close()
        try reopened(directory) { (store: DeviceStore) throws in #expect(try store.folders().count == 4) }
    }

    @Test func foldersComeBackAndAreUnique() throws {
        let directory = try TemporaryDirectory()
        let store = try DeviceStore.create(path: directory.device)
        var one = folder(1, "a")
        try store.put(one)
        try store.put(folder(2, "b"))
        #expect(throws: IndexError(.exists, "")) { try store.put(self.folder(3, "a")) }
        var samePath = folder(3, "c")
        samePath.path = one.path
        #expect(throws: IndexError(.exists, "")) { try store.put(samePath) }
        #expect(try store.folders() == [one, folder(2, "b")])
        one.name = "z"
        one.isPaused = false
        one.role = .readWrite
        try store.put(one)
        try store.close()
        try reopened(directory) { (store: DeviceStore) throws in
            #expect(try store.folders() == [self.folder(2, "b"), one])
            #expect(try store.folder(one.folder) == one)
            try store.removeFolder(one.folder)
            #expect(try store.folder(one.folder) == nil)
        }
    }

    @Test func aRekeyedFolderTakesItsInvitesAlong() throws {
        let directory = try TemporaryDirectory()
        let store = try DeviceStore.create(path: directory.device)
        let old = folder(1, "a")
        try store.put(old)
        try store.put(folder(2, "b"))
        try store.add([StoredMembership(folder: old.folder, hash: hash(1), record: [1])])
        try store.add(invite(7, folder: old.folder))
        var renamed = old
        renamed.folder = FolderID(high: 9, low: 9)
        var clashing = renamed
        clashing.name = "b"
        #expect(throws: IndexError(.exists, "")) { try store.rekey(old.folder, as: clashing) }
        #expect(try store.folder(old.folder) == old)
        #expect(try store.memberships(of: old.folder).count == 1)
        try store.rekey(old.folder, as: renamed)
        #expect(try store.folders() == [renamed, folder(2, "b")])
        #expect(try store.memberships(of: old.folder).isEmpty)
        #expect(try store.invites().map(\.folder) == [renamed.folder])
        try store.close()
    }

    @Test func membershipsAreASet() throws {
        let directory = try TemporaryDirectory()
        let store = try DeviceStore.create(path: directory.device)
        let records = (1...3).map { StoredMembership(folder: folderA, hash: hash($0), record: [UInt8($0), 0, 255]) }
        try store.add(records)
        try store.add([records[1], StoredMembership(folder: FolderID(high: 5, low: 5), hash: hash(1), record: [])])
        #expect(try store.memberships(of: folderA) == records.sorted { $0.hash < $1.hash })
        try store.removeFolder(folderA)
        #expect(try store.memberships(of: folderA).count == 3)
        let long = StoredMembership(
            folder: folderA, hash: hash(9), record: Array(repeating: 0, count: Limits.membershipBytes + 1))
        let good = StoredMembership(folder: folderA, hash: hash(8), record: [])
        #expect(throws: IndexError(.limit, "")) { try store.add([good, long]) }
        #expect(try store.memberships(of: folderA).count == 3)
        try store.close()
    }

    private func invite(_ number: UInt8, folder: FolderID = folderA, expires: Int64 = 100) -> StoredInvite {
        StoredInvite(
            id: Array(repeating: number, count: 16), secretHash: hash(UInt64(number)), folder: folder, role: .readOnly,
            expiresSeconds: expires)
    }

    @Test func anInviteIsUsedByOneDevice() throws {
        let directory = try TemporaryDirectory()
        let store = try DeviceStore.create(path: directory.device)
        try store.add(invite(1))
        try store.add(invite(2, expires: 200))
        #expect(throws: IndexError(.refused, "")) { try store.add(self.invite(1)) }
        #expect(try store.useInvite(invite(1).id, by: device(1)))
        #expect(try store.useInvite(invite(1).id, by: device(1)))
        #expect(try !store.useInvite(invite(1).id, by: device(2)))
        #expect(try !store.useInvite(invite(9).id, by: device(2)))
        try store.close()
        try reopened(directory) { (store: DeviceStore) throws in
            #expect(try store.invite(self.invite(1).id)?.usedBy == device(1))
            #expect(try store.invite(self.invite(2, expires: 200).id) == self.invite(2, expires: 200))
            try store.removeInvites(expiredBefore: 200)
            #expect(try store.invites() == [self.invite(2, expires: 200)])
            try store.removeInvite(self.invite(2).id)
            #expect(try store.invites().isEmpty)
        }
    }

    @Test func settingsAndBindingComeBack() throws {
        let directory = try TemporaryDirectory()
        let store = try DeviceStore.create(path: directory.device)
        #expect(try store.machineBinding() == nil)
        try store.set("name", to: "x")
        try store.set("name", to: "y")
        try store.set("port", to: "1")
        try store.set("port", to: nil)
        try store.bind(to: MachineBinding(machine: "m", device: 1, inode: 2))
        let binding = MachineBinding(machine: "n", device: .max, inode: .max - 1)
        try store.bind(to: binding)
        try store.close()
        try reopened(directory) { (store: DeviceStore) throws in
            #expect(try store.settings() == ["name": "y"])
            #expect(try store.setting("port") == nil)
            #expect(try store.machineBinding() == binding)
        }
    }
}
