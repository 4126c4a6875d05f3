/// Every operation. The names are part of the API: they only ever grow in number.
enum Operations {
    // MARK: The agent
    static let version = Operation<Nothing, VersionReport>(.get, "version")
    static let status = Operation<Nothing, AgentStatus>(.get, "status")
    static let problems = Operation<Nothing, [AgentProblem]>(.get, "problems")
    static let doctor = Operation<Nothing, DoctorReport>(.get, "doctor")
    static let wait = Operation<WaitRequest, WaitReport>(.post, "wait")
    static let rateLimits = Operation<Nothing, RateLimits>(.get, "limits")
    static let setRateLimits = Operation<RateLimits, RateLimits>(.post, "limits/set")
    static let stop = Operation<Nothing, Nothing>(.post, "stop")

    // MARK: Folders
    static let folders = Operation<Nothing, FolderList>(.get, "folders")
    static let addFolder = Operation<FolderAddition, FolderStatus>(.post, "folders/add")
    static let removeFolder = Operation<FolderSelector, Nothing>(.post, "folders/remove")
    static let pauseFolder = Operation<FolderSelector, FolderStatus>(.post, "folders/pause")
    static let resumeFolder = Operation<FolderSelector, FolderStatus>(.post, "folders/resume")
    static let shareFolder = Operation<FolderShare, Nothing>(.post, "folders/share")
    static let acceptFolder = Operation<FolderAcceptance, FolderStatus>(.post, "folders/accept")
    static let releaseFolder = Operation<FolderSelector, FolderStatus>(.post, "folders/release")
    static let discardFolder = Operation<FolderSelector, FolderStatus>(.post, "folders/discard")
    static let folderChanges = Operation<FolderSelector, [LocalChangeReport]>(.post, "folders/changes")
    static let revertFolder = Operation<FolderReversal, FolderStatus>(.post, "folders/revert")
    static let setDeletionBudget = Operation<DeletionBudgetChange, FolderStatus>(.post, "folders/deletion-budget")

    // MARK: Pairing
    static let invite = Operation<InviteRequest, Invite>(.post, "invite")
    static let join = Operation<JoinRequest, JoinedFolder>(.post, "join")
    static let devicesNearby = Operation<Nothing, [NearbyDevice]>(.get, "pairing/nearby")
    static let startPairing = Operation<PairingRequest, PairingSession>(.post, "pairing/start")
    static let pairingSessions = Operation<Nothing, [PairingSession]>(.get, "pairing")
    static let confirmPairing = Operation<PairingConfirmation, PairingSession>(.post, "pairing/confirm")
    static let cancelPairing = Operation<PairingSelector, Nothing>(.post, "pairing/cancel")

    // MARK: Devices
    static let devices = Operation<Nothing, [DeviceReport]>(.get, "devices")
    static let removeDevice = Operation<DeviceSelector, Nothing>(.post, "devices/remove")
    static let renameDevice = Operation<DeviceRename, DeviceReport>(.post, "devices/rename")

    // MARK: Paths
    static let why = Operation<PathQuery, WhyReport>(.post, "why")
    static let conflicts = Operation<Nothing, [ConflictReport]>(.get, "conflicts")
    static let history = Operation<PathQuery, [HistoryVersion]>(.post, "history")
    static let restore = Operation<RestoreRequest, RestoreReport>(.post, "restore")
    static let checkIgnore = Operation<PathQuery, IgnoreReport>(.post, "check-ignore")
}
