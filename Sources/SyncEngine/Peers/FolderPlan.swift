import SyncModel
import WireProtocol

/// What a pairing does to the folders of both sides (rule 18). Each side computes it from the same two lists.
enum FolderPlan: Hashable, Sendable {
    case nothing
    /// Ours is shared with the other device.
    case offer(FolderID)
    case awaitOffer(FolderID)
    /// The other side's becomes ours: the smaller ID wins.
    case offerMerged(FolderID)
    case becomeTheirs(theirs: FolderID, ours: FolderID)
    case ask

    init(local: [PairFolder], remote: [PairFolder]) {
        let common = Set(local.map(\.folder)).intersection(remote.map(\.folder))
        let ours = local.filter { !common.contains($0.folder) }
        let theirs = remote.filter { !common.contains($0.folder) }
        switch (ours.count, theirs.count) {
        case (0, 0): self = .nothing
        case (1, 0): self = .offer(ours[0].folder)
        case (0, 1): self = .awaitOffer(theirs[0].folder)
        case (1, 1) where ours[0].neverShared && theirs[0].neverShared:
            self =
                ours[0].folder < theirs[0].folder
                ? .offerMerged(ours[0].folder)
                : .becomeTheirs(theirs: theirs[0].folder, ours: ours[0].folder)
        default: self = .ask
        }
    }

    /// The folder to which the other device is to be added here.
    var adds: FolderID? {
        switch self {
        case .offer(let folder), .offerMerged(let folder): folder
        default: nil
        }
    }

    var outcome: PairedView.Outcome {
        switch self {
        case .nothing: .nothing
        case .offer(let folder): .offered(folder)
        case .awaitOffer(let folder): .offeredToUs(folder)
        case .offerMerged(let folder), .becomeTheirs(let folder, _): .merged(folder)
        case .ask: .ask
        }
    }
}
