/// Every reader of outside input.
package enum FuzzTargets {
    package static let all = [
        wire, frames, session, record, moves, packed, zstd, chunks, membership, merge, invite, keys, address, paths,
        ignore, textRecord, names, control, text,
    ]

    /// Nil where none is called so.
    package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
