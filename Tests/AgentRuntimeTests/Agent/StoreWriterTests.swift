import Cryptography
import SQLiteIndex
import SyncCore
import SyncEngine
import SyncModel
import Testing
import WireProtocol

@testable import AgentRuntime

/// What the machine wants stored is stored in its order, and each ticket has one answer.
@Suite struct StoreWriterTests {
    private struct Place {
        let directory: TemporaryDirectory
        let store: DeviceStore
        let writer: StoreWriter
        let told = Monitor([PeersEvent]())

        init() throws {
            directory = try TemporaryDirectory()
            store = try DeviceStore.create(path: directory.path + "/device.db")
            writer = try StoreWriter(store, logger: quiet)
        }

        func write(_ changes: [StoreChange], _ ticket: UInt64) {
            let told = told
            writer.write(changes, ticket: Ticket(ticket)) { event in told.announce { $0.append(event) } }
        }

        func events(_ count: Int) throws -> [PeersEvent] {
            try #require(told.wait(until: patience()) { $0.count >= count ? $0 : nil })
        }
    }

    private func device(_ number: UInt8) -> KnownDevice {
        KnownDevice(
            device: DeviceID(SHA256.hash([number])), name: "d\(number)", publicKey: [1, number], addresses: [],
            pairedSeconds: 1, isRemoved: false)
    }

    @Test func ticketsAreAnsweredInTheirOrderOnceDurable() throws {
        let place = try Place()
        for number in 0..<20 { place.write([.putDevice(device(UInt8(number)))], UInt64(number)) }
        let tickets = try place.events(20).compactMap { if case .stored(let ticket) = $0 { ticket } else { nil } }
        #expect(tickets == (0..<20).map { Ticket(UInt64($0)) })
        place.writer.stop()
        try place.store.close()
        let again = try DeviceStore.open(path: place.directory.path + "/device.db")
        #expect(try again.devices().count == 20)
        try again.close()
    }

    @Test func whatWasAskedBeforeTheEndIsStored() throws {
        let place = try Place()
        for number in 0..<200 { place.writer.set("key", to: "\(number)") }
        place.write([.putDevice(device(1))], 1)
        place.writer.set("other", to: "value")
        place.writer.stop()
        try place.store.close()
        let again = try DeviceStore.open(path: place.directory.path + "/device.db")
        #expect(try again.setting("key") == "199")
        #expect(try again.setting("other") == "value")
        #expect(try again.devices().count == 1)
        try again.close()
        #expect(place.told.withLock { $0.count } == 1)
    }

    @Test func aQueueThatIsFullSaysSo() throws {
        let place = try Place()
        let (gate, told) = (Monitor(false), place.told)
        place.writer.write([], ticket: Ticket(0)) { event in
            _ = gate.wait(until: patience()) { $0 ? true : nil }
            told.announce { $0.append(event) }
        }
        let count = 1_500
        for number in 1...count { place.write([], UInt64(number)) }
        gate.announce { $0 = true }
        let events = try place.events(count + 1)
        let failed = events.count { if case .storeFailed = $0 { true } else { false } }
        #expect(failed > 0 && failed < count)
        place.writer.stop()
        #expect(place.told.withLock { $0.count } == count + 1)
        try place.store.close()
    }

    @Test func whatTheStoreRefusesIsAnswered() throws {
        let place = try Place()
        let invite = KnownInvite(
            id: try #require(Bytes16([UInt8](repeating: 3, count: 16))), secretHash: SHA256.hash([1]), folder: folderA,
            role: .readWrite, expiresSeconds: 100, usedBy: nil)
        place.write([.addInvite(invite)], 1)
        place.write([.useInvite(invite.id, by: device(1).device)], 2)
        place.write([.useInvite(invite.id, by: device(1).device)], 3)
        place.write([.useInvite(invite.id, by: device(2).device)], 4)
        place.write([.removeInvites(expiredBefore: 101), .useInvite(invite.id, by: device(1).device)], 5)
        let answers = try place.events(5).map { if case .stored = $0 { true } else { false } }
        // The same device may say again that it used it.
        #expect(answers == [true, true, true, false, false])
        place.writer.stop()
        try place.store.close()
        // A store that is closed refuses everything.
        let late = try StoreWriter(place.store, logger: quiet)
        let told = place.told
        late.write([.putDevice(device(3))], ticket: Ticket(6)) { event in told.announce { $0.append(event) } }
        guard case .storeFailed(Ticket(6), _)? = try place.events(6).last else { return #expect(Bool(false)) }
        late.stop()
    }

    /// A folder without its membership records could not be opened, nor added again.
    @Test func theChangesOfATicketHoldTogether() throws {
        let place = try Place()
        let unknown = try #require(Bytes16([UInt8](repeating: 1, count: 16)))
        place.write([.putDevice(device(1)), .useInvite(unknown, by: device(1).device)], 1)
        guard case .storeFailed? = try place.events(1).first else { return #expect(Bool(false)) }
        #expect(try place.store.devices().isEmpty)
        let unknownFolder = KnownFolder(folder: folderA, name: "name", path: [0x2f], createdSeconds: 7)
        place.write([.changeFolder(unknownFolder), .putDevice(device(2)), .putDevice(device(3))], 2)
        _ = try place.events(2)
        #expect(try place.store.devices().count == 2)
        place.writer.stop()
        try place.store.close()
    }

    @Test func whatIsStoredIsWhatTheMachineBeginsWith() throws {
        let place = try Place()
        let folder = KnownFolder(
            folder: folderA, name: "name", path: [0x2f, 0xff, 0x20], role: .readOnly, isPaused: true,
            createdSeconds: 7, incarnation: 3, isNeverShared: false, isMade: true, replaces: folderA)
        place.write([.putDevice(device(1)), .addFolder(folder)], 1)
        _ = try place.events(1)
        var stored = try place.store.peersStore()
        #expect(stored.devices == [device(1)])
        #expect(stored.folders == [folder])
        // A change that comes after the removal brings nothing back.
        place.write([.removeFolder(folderA)], 2)
        place.write([.changeFolder(folder)], 3)
        guard case .stored(Ticket(3))? = try place.events(3).last else { return #expect(Bool(false)) }
        stored = try place.store.peersStore()
        #expect(stored.folders.isEmpty)
        place.writer.stop()
        try place.store.close()
    }
}
