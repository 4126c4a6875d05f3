public import SyncModel

extension Commit {
    /// Puts a release in the place of what its author had.
    func put(_ release: ReleaseRow) throws {
        guard release.signerKey.count <= Limits.publicKeyBytes, release.signature.count <= Limits.signatureBytes else {
            throw IndexError(.limit, "The key or signature of a release passes the limits.")
        }
        try queries.command(
            """
            INSERT OR REPLACE INTO release (device, epoch, up_to, signer, signer_key, signature)
            VALUES (?, ?, ?, ?, ?, ?)
            """
        ) {
            $0.bind(1, release.author.device.raw)
            $0.bind(2, release.author.epoch.number)
            $0.bind(3, release.upTo)
            $0.bind(4, release.signer.raw)
            $0.bind(5, release.signerKey)
            $0.bind(6, release.signature)
        }.run()
    }

    func drop(releaseOf author: Author) throws {
        try queries.command("DELETE FROM release WHERE device = ? AND epoch = ?") {
            $0.bind(1, author.device.raw)
            $0.bind(2, author.epoch.number)
        }.run()
    }
}

extension IndexReader {
    /// Every release that is kept, in the order of their authors.
    public func releases() throws(IndexError) -> [ReleaseRow] {
        try snapshot { queries in
            try queries.command(
                """
                SELECT device, epoch, up_to, signer, signer_key, signature FROM release
                """
            ) { _ in }.all { query in
                ReleaseRow(
                    author: Author(device: DeviceID(try query.hash(0)), epoch: IndexEpoch(query.unsigned(1))),
                    upTo: query.unsigned(2), signer: DeviceID(try query.hash(3)), signerKey: query.blob(4),
                    signature: query.blob(5))
            }.sorted { $0.author < $1.author }
        }
    }
}
