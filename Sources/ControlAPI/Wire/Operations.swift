/// Every operation. The names are part of the API: they only ever grow in number.
package enum Operations {
    // MARK: The agent
    package static let version = Operation<Nothing, VersionReport>(.get, "version")
    package static let status = Operation<Nothing, AgentStatus>(.get, "status")
    package static let problems = Operation<Nothing, [AgentProblem]>(.get, "problems")
    package static let doctor = Operation<Nothing, DoctorReport>(.get, "doctor")
    package static let wait = Operation<WaitRequest, WaitReport>(.post, "wait")
    package static let rateLimits = Operation<Nothing, RateLimits>(.get, "limits")
    package static let setRateLimits = Operation<RateLimits, RateLimits>(.post, "limits/set")
    package static let stop = Operation<Nothing, Nothing>(.post, "stop")

    // MARK: Folders
    package static let folders = Operation<Nothing, FolderList>(.get, "folders")
    package static let addFolder = Operation<FolderAddition, FolderStatus>(.post, "folders/add")
    package static let removeFolder = Operation<FolderSelector, Nothing>(.post, "folders/remove")
    package static let pauseFolder = Operation<FolderSelector, FolderStatus>(.post, "folders/pause")
    package static let resumeFolder = Operation<FolderSelector, FolderStatus>(.post, "folders/resume")
    package static let shareFolder = Operation<FolderShare, Nothing>(.post, "folders/share")
    package static let acceptFolder = Operation<FolderAcceptance, FolderStatus>(.post, "folders/accept")
    package static let releaseFolder = Operation<FolderSelector, FolderStatus>(.post, "folders/release")
    package static let discardFolder = Operation<FolderSelector, FolderStatus>(.post, "folders/discard")
    package static let folderChanges = Operation<FolderSelector, [LocalChangeReport]>(.post, "folders/changes")
    package static let revertFolder = Operation<FolderReversal, FolderStatus>(.post, "folders/revert")
    package static let setDeletionBudget = Operation<DeletionBudgetChange, FolderStatus>(
        .post, "folders/deletion-budget")

    // MARK: Pairing
    package static let invite = Operation<InviteRequest, Invite>(.post, "invite")
    package static let join = Operation<JoinRequest, JoinedFolder>(.post, "join")
    package static let devicesNearby = Operation<Nothing, [NearbyDevice]>(.get, "pairing/nearby")
    package static let startPairing = Operation<PairingRequest, PairingSession>(.post, "pairing/start")
    package static let pairingSessions = Operation<Nothing, [PairingSession]>(.get, "pairing")
    package static let confirmPairing = Operation<PairingConfirmation, PairingSession>(.post, "pairing/confirm")
    package static let cancelPairing = Operation<PairingSelector, Nothing>(.post, "pairing/cancel")

    // MARK: Devices
    package static let devices = Operation<Nothing, [DeviceReport]>(.get, "devices")
    package static let removeDevice = Operation<DeviceSelector, Nothing>(.post, "devices/remove")
    package static let renameDevice = Operation<DeviceRename, DeviceReport>(.post, "devices/rename")

    // MARK: Paths
    package static let why = Operation<PathQuery, WhyReport>(.post, "why")
    package static let conflicts = Operation<Nothing, [ConflictReport]>(.get, "conflicts")
    package static let history = Operation<PathQuery, [HistoryVersion]>(.post, "history")
    package static let restore = Operation<RestoreRequest, RestoreReport>(.post, "restore")
    package static let checkIgnore = Operation<PathQuery, IgnoreReport>(.post, "check-ignore")
}
