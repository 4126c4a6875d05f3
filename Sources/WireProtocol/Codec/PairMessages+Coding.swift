import SyncModel

extension PairFolder {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.folder(folder)
        try writer.name(name, Limits.folderNameBytes, "folder name")
        writer.flag(neverShared)
        try writer.varint(files, Limits.counter, "number of files")
    }

    init(from reader: inout WireReader) throws(WireError) {
        folder = try reader.folder()
        name = try reader.name(Limits.folderNameBytes, "folder name")
        neverShared = try reader.flag("never-shared flag")
        files = try reader.varint(Limits.counter, "number of files")
    }

    static func write(_ folders: [PairFolder], to writer: inout WireWriter) throws(WireError) {
        try writer.ascending(folders, Limits.folders, "folders", by: \.folder) { (writer, folder) throws(WireError) in
            try folder.write(to: &writer)
        }
    }
}

extension PairConfirm {
    func write(to writer: inout WireWriter) throws(WireError) {
        writer.flag(accepted)
        writer.bytes32(authenticator)
        try PairFolder.write(folders, to: &writer)
    }

    init(from reader: inout WireReader) throws(WireError) {
        accepted = try reader.flag("answer")
        authenticator = try reader.bytes32("authenticator")
        folders = try reader.ascending(Limits.folders, least: 20, "folders", by: \PairFolder.folder) {
            (reader) throws(WireError) in try PairFolder(from: &reader)
        }
    }
}
