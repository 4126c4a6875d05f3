internal import SyncCore
internal import SyncModel
public import WireProtocol

/// One release travels (rule 15): signed by the member whose person gave it, kept while a member may not have heard of
/// it, and shown to everyone who opens the folder.
extension FolderMachine {
    /// Whether a release is to be verified and kept: a read-write member signed it for one who is or was a member, it
    /// says more than is known, and it reaches no further than its author's edits can be on their way. So many are kept
    /// of each signer; ours always are.
    public func isOfUse(_ release: DeletionRelease) -> Bool {
        guard let status = index?.status, release.folder == folder, roster[release.signer]?.role == .readWrite,
            roster[release.author.device] != nil, release.upTo > releases[release.author]?.upTo ?? 0,
            release.signer == device || hasRoom(for: release)
        else { return false }
        return release.upTo <= reach(of: release.author, status) && !isHeardOf(release, status)
    }

    private func hasRoom(for release: DeletionRelease) -> Bool {
        if releases[release.author]?.signer == release.signer { return true }
        return releases.values.count { $0.signer == release.signer } < Limits.releasesOfMember
    }

    private func reach(of author: Author, _ status: IndexStatus) -> UInt64 {
        // What we have not done yet nobody can let through.
        if author == editContext.author { return editContext.counter }
        let (reach, overflow) = status.frontier[author].addingReportingOverflow(Limits.releaseReach)
        return overflow ? .max : reach
    }

    /// Whether all members have durably covered what it is about: nobody can hold it any more.
    private func isHeardOf(_ release: DeletionRelease, _ status: IndexStatus) -> Bool {
        status.frontier[release.author] >= release.upTo
            && roster.keys.allSatisfy {
                $0 == device || formerMembers.contains($0) || frontier(of: $0)[release.author] >= release.upTo
            }
    }

    private func frontier(of member: DeviceID) -> VersionVector {
        members[member]?.state?.frontier ?? members[member]?.peer.frontier ?? VersionVector()
    }

    // MARK: Ours

    /// A person let deletions through that are not held here: ours, as far as they were told, where a member asks.
    mutating func releaseTold() {
        if isAskedElsewhere { sign([:]) }
    }

    /// Has signed what a person let through here. What else we deleted is let through where others ask.
    mutating func sign(_ released: [Author: UInt64]) {
        guard roster[device]?.role == .readWrite else { return }
        var released = released
        let context = editContext
        if isAskedElsewhere, context.counter > 0 { released[context.author] = context.counter }
        for (author, counter) in released.sorted(by: { $0.key < $1.key }) {
            emit(.signRelease(author, upTo: counter))
        }
    }

    private var isAskedElsewhere: Bool { connections.contains { members[$0]?.state?.activity == .held } }

    // MARK: Kept

    /// A release that is verified, or our own.
    mutating func keep(_ release: DeletionRelease, from sender: DeviceID?) {
        guard isOfUse(release) else { return }
        know(release)
        queue.releases.insert(release.author)
        for member in connections where member != sender && members[member]?.state != nil {
            emit(.send(member, .deletionRelease(release)))
        }
        if asksAboutDeletions, !queue.verdicts.contains(where: { $0.verdict == .covered }) {
            queue.verdicts.append(VerdictTask(.covered))
        }
        emit(.changed)
    }

    /// What the index kept.
    mutating func know(_ rows: [ReleaseRow]) {
        for row in rows {
            know(
                DeletionRelease(
                    folder: folder, author: row.author, upTo: row.upTo, signer: row.signer, signerKey: row.signerKey,
                    signature: row.signature))
        }
    }

    private mutating func know(_ release: DeletionRelease) {
        releases[release.author] = release
        budget.release(release.author, upTo: release.upTo)
    }

    mutating func beginKeeping() {
        queue.lastWasAnswer = true
        guard let status = index?.status else { return }
        var transaction = IndexTransaction()
        for (author, release) in releases
        where isHeardOf(release, status) || roster[release.signer]?.role != .readWrite {
            transaction.droppedReleases.append(author)
            releases[author] = nil
            if roster[release.signer]?.role != .readWrite { budget.withdraw(author) }
        }
        for author in queue.releases.sorted() {
            guard let release = releases[author] else { continue }
            transaction.releases.append(
                ReleaseRow(
                    author: author, upTo: release.upTo, signer: release.signer, signerKey: release.signerKey,
                    signature: release.signature))
        }
        lane.task = .keeping(queue.releases)
        queue.releases = []
        if transaction.isEmpty { lane.finish() } else { commit(transaction) }
    }

    /// Shows a member, once it has said how it stands, what it may have missed.
    mutating func showReleases(to member: DeviceID) {
        let frontier = frontier(of: member)
        for (author, release) in releases.sorted(by: { $0.key < $1.key }) where frontier[author] < release.upTo {
            emit(.send(member, .deletionRelease(release)))
        }
    }
}
