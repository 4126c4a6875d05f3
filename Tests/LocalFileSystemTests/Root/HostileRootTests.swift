import CLinux
import Glibc
import SyncModel
import Testing

@testable import LocalFileSystem

/// What stands in the place of Lanyard's own entries, and by which names a folder is held.
@Suite struct HostileRootTests {
    let directory: TemporaryDirectory
    private let folder = FolderID(high: 1, low: 1)

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { directory.path + "/folder" }

    private func code(_ path: String, creating: Bool) -> FileSystemError.Code? {
        do {
            _ = try OpenFolder(at: path, folder: folder, creating: creating)
            return nil
        } catch {
            return error.code
        }
    }

    /// Something else than a directory or file of ours, put there by whoever may write in the folder.
    @Test(arguments: [
        (".lanyard", "ln -s ../target"), (".lanyard", "mkfifo"), (".lanyard", "echo x >"),
        (".lanyard/folder", "ln -s ../../target/folder"), (".lanyard/folder", "mkfifo"), (".lanyard/folder", "mkdir"),
        (".lanyard/lock", "ln -s ../../target/lock"), (".lanyard/lock", "mkdir"),
        (".lanyard/stage", "ln -s ../../target"), (".lanyard/stage", "echo x >"),
        (".lanyard/history", "ln -s ../../target"), (".lanyard/history", "mkfifo"),
    ])
    func whatIsNotOursIsRefusedAndLeft(name: String, make: String) throws {
        try directory.write("target/folder", bytes: Marker(folder: folder, volume: FolderVolumeID(7)).bytes)
        try directory.write("target/file", "untouched")
        try directory.makeDirectory("folder")
        _ = try OpenFolder(at: path, folder: folder, creating: true)
        #expect(Shell("rm -rf '\(path)/\(name)' && \(make) '\(path)/\(name)'").wait() == 0)
        let listing = "ls -lR --time-style=full-iso '\(directory.path)/target' '\(path)/\(name)' > "
        #expect(Shell(listing + "'\(directory.path)/before'").wait() == 0)
        for creating in [true, false] { #expect(code(path, creating: creating) != nil, "creating: \(creating)") }
        #expect(Shell(listing + "'\(directory.path)/after'").wait() == 0)
        #expect(directory.read("before") == directory.read("after"))
    }

    @Test(arguments: ["folder/.", "folder/../folder", "link", "link/", "//folder"])
    func anotherNameOfAHeldFolderIsTheSameFolder(name: String) throws {
        try directory.makeDirectory("folder")
        try directory.link("link", to: "folder")
        let held = try OpenFolder(at: path, folder: folder, creating: true)
        for creating in [true, false] {
            // By a link it may be refused for being one.
            #expect(code(directory.path + "/" + name, creating: creating) != nil, "creating: \(creating)")
        }
        try held.verify()
    }

    /// A marker is whole or none; what is damaged is never written over.
    @Test func aDamagedMarkerIsNoMarker() throws {
        let marker = Marker(folder: FolderID(high: .max, low: 77), volume: FolderVolumeID(0xfedc))
        let bytes = marker.bytes
        #expect(Marker(bytes) == marker)
        for count in bytes.indices { #expect(Marker(Array(bytes[..<count])) == nil, "\(count) bytes") }
        for more in [[0], [10], Array("x\n".utf8)] as [[UInt8]] { #expect(Marker(bytes + more) == nil) }
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let other = Marker(damaged) else { continue }
            let isLetter = bit % 8 == 5 && bytes[bit / 8] >= UInt8(ascii: "a")
            #expect(other != marker || isLetter, "bit \(bit)")
        }
        try directory.makeDirectory("folder/.lanyard")
        for damaged in [[], Array(bytes.dropLast()), [UInt8](repeating: 0, count: 5_000), bytes + [10]] {
            try directory.write("folder/.lanyard/folder", bytes: damaged)
            for creating in [true, false] { #expect(code(path, creating: creating) == .wrongMarker) }
            #expect(directory.bytes("folder/.lanyard/folder") == damaged)
        }
    }

    /// Whatever is compared differs alone: only the marker and what is of the disk tell, not the number of the device.
    @Test func aVolumeIsToldByMarkerAndDisk() {
        let marker = Marker(folder: folder, volume: FolderVolumeID(1))
        func identity(
            _ marker: Marker, device: UInt64 = 1, inode: UInt64 = 2, type: UInt64 = 3, identifier: UInt64 = 4
        ) -> VolumeIdentity {
            VolumeIdentity(
                marker: marker, device: device, inode: inode, fileSystemType: type, fileSystemIdentifier: identifier)
        }
        let rows: [(VolumeIdentity, VolumeIdentity.Relation)] = [
            (identity(marker), .same), (identity(marker, device: 9), .same), (identity(marker, inode: 9), .copied),
            (identity(marker, type: 9), .copied), (identity(marker, identifier: 9), .copied),
            (identity(Marker(folder: folder, volume: FolderVolumeID(2))), .other),
            (identity(Marker(folder: FolderID(high: 9, low: 9), volume: FolderVolumeID(1))), .other),
        ]
        for (found, relation) in rows {
            #expect(found.relation(to: identity(marker)) == relation)
            #expect(identity(marker).relation(to: found) == relation)
        }
    }
}
