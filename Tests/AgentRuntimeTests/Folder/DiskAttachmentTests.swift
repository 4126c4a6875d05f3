import AgentProcesses
import Glibc
import LanHosts
import SyncModel
import Testing

@testable import AgentRuntime

/// What names a disk that was attached, and what makes of it a start since which things may be torn.
@Suite struct DiskAttachmentTests {
    private func name(_ path: String) throws -> String? {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        return DiskAttachment.name(ofDiskWith: descriptor)
    }

    @Test func whatIsNoDiskHasNoName() throws { #expect(try name("/proc") == nil) }

    @Test(.enabled(if: LoopDisk.skip.isPossible)) func aDiskKeepsItsNameUntilItIsPulled() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/disk"
        try Files.make(path)
        let disk = try LoopDisk(at: path, image: directory.path + "/image", mebibytes: 8)
        try withExtendedLifetime(disk) {
            let first = try #require(try name(path))
            #expect(try name(path) == first)
            try disk.pull()
            let second = try #require(try name(path))
            #expect(second != first)
        }
    }

    @Test(arguments: [
        ("24", "/dev/sda1"), ("29", "/dev/a b\\c"), ("31", "srv:/export"), ("2", nil), ("40", nil),
    ]) func theSourceOfAMountIsFound(number: String, source: String?) {
        let table = [
            #"24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw"#,
            #"29 24 0:40 /sub /mnt/a\040b rw - btrfs /dev/a\040b\134c rw,subvol=/sub"#,
            #"31 24 0:41 / /srv rw master:3 propagate_from:2 - nfs4 srv:/export rw"#,
            #"40 24 0:42 / /cut rw - tmpfs"#, "", "x",
        ]
        let found = DiskAttachment.source(ofMount: number, in: table.map { Array($0.utf8) })
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == source)
    }

    private let machine = MachineStart(id: "boot-1", at: Timestamp(seconds: 5, nanoseconds: 6))
    private let now = Timestamp(seconds: 90, nanoseconds: 0)

    @Test func aDiskThatWasAttachedSinceIsAStartOfItsOwn() {
        let disk = machine.onDisk("8:1-70")
        #expect(disk.restart(since: disk.id, now: now) == nil)
        let pulled = machine.onDisk("8:1-71")
        #expect(pulled.restart(since: disk.id, now: now) == MachineStart(id: pulled.id, at: now))
        // What the machine's start tore is older than that.
        let rebooted = MachineStart(id: "boot-2", at: machine.at).onDisk("8:1-70")
        #expect(rebooted.restart(since: disk.id, now: now) == rebooted)
        #expect(rebooted.restart(since: nil, now: now) == rebooted)
        // Without a disk it is the machine's alone.
        #expect(machine.onDisk(nil) == machine && machine.restart(since: machine.id, now: now) == nil)
    }
}
