/// Everything that can be asked of a running agent: the seam between the local API and the agent.
///
/// Contract of an implementation:
/// - Calls come at any time, also at once, from any task. None changes anything when it throws.
/// - A call that changes something returns after the change is durable, never after its content has arrived.
/// - Asking for what already holds succeeds: pausing a paused folder, adding a folder that is there, joining again.
/// - A cancelled call ends soon. Only `wait` and `startPairing` may take long, and no longer than they are asked to.
/// - What is not there is `notFound`; a name that fits several is `ambiguous`; what a rule forbids is `refused`.
/// - Messages say what happened, to which path or device, and what to do.
public protocol AgentControl: Sendable {
    // MARK: The agent
    /// Which program answers.
    func version() async throws(ControlError) -> VersionReport
    /// One consistent snapshot (rule 27).
    func status() async throws(ControlError) -> AgentStatus
    /// Every problem of the agent and of its folders.
    func problems() async throws(ControlError) -> [AgentProblem]
    /// Looks at Avahi, ports, inotify, clock and disk.
    func doctor() async throws(ControlError) -> DoctorReport
    /// Returns as soon as everything is equal, or can't become so, or the time is over (rule 26).
    func wait(_ request: WaitRequest) async throws(ControlError) -> WaitReport
    /// What all connections together may move.
    func rateLimits() async throws(ControlError) -> RateLimits
    /// Sets both bounds, and returns what holds now.
    func setRateLimits(_ limits: RateLimits) async throws(ControlError) -> RateLimits
    /// Begins a clean stop and returns; the process ends after the answer is sent.
    func stop() async throws(ControlError)

    // MARK: Folders
    /// The folders of this device, and those that others offer.
    func folders() async throws(ControlError) -> FolderList
    /// Makes a directory a folder, and the directory if it is missing. Refused within another folder, or around one.
    func addFolder(_ request: FolderAddition) async throws(ControlError) -> FolderStatus
    /// Ends the membership of this device; its files stay where they are.
    func removeFolder(_ folder: FolderSelector) async throws(ControlError)
    /// Neither scans nor syncs it before `resumeFolder`.
    func pauseFolder(_ folder: FolderSelector) async throws(ControlError) -> FolderStatus
    func resumeFolder(_ folder: FolderSelector) async throws(ControlError) -> FolderStatus
    /// Offers a folder to a paired device.
    func shareFolder(_ request: FolderShare) async throws(ControlError)
    /// Takes up an offer of `folders()`.
    func acceptFolder(_ request: FolderAcceptance) async throws(ControlError) -> FolderStatus
    /// Lets held deletions happen, and publishes held files (rules 8, 15).
    func releaseFolder(_ folder: FolderSelector) async throws(ControlError) -> FolderStatus
    /// Undoes held deletions: the files come back.
    func discardFolder(_ folder: FolderSelector) async throws(ControlError) -> FolderStatus
    /// What was changed where this device may only read, in path order.
    func folderChanges(_ folder: FolderSelector) async throws(ControlError) -> [LocalChangeReport]
    /// Takes such changes back: what is agreed comes back, and what was there goes to history.
    func revertFolder(_ request: FolderReversal) async throws(ControlError) -> FolderStatus
    /// How many deletions in an hour happen without asking (rule 15).
    func setDeletionBudget(_ request: DeletionBudgetChange) async throws(ControlError) -> FolderStatus

    // MARK: Pairing
    /// A one-time link, also for a paused folder.
    func invite(_ request: InviteRequest) async throws(ControlError) -> Invite
    /// Returns after both sides committed durably, and doesn't wait for content (rule 28).
    func join(_ request: JoinRequest) async throws(ControlError) -> JoinedFolder
    /// Devices on the local network that aren't paired with this one.
    func devicesNearby() async throws(ControlError) -> [NearbyDevice]
    /// Returns the session once both devices are present and show the same code, `timedOut` if the time is over first.
    func startPairing(_ request: PairingRequest) async throws(ControlError) -> PairingSession
    /// Sessions that are under way, and those that ended within the last minutes.
    func pairingSessions() async throws(ControlError) -> [PairingSession]
    /// Gives this device's answer, and doesn't wait for the other's: `state` says how far it is. A code that isn't the
    /// session's is `refused` and ends the session.
    func confirmPairing(_ request: PairingConfirmation) async throws(ControlError) -> PairingSession
    /// Ends a session without pairing; counts as no.
    func cancelPairing(_ session: PairingSelector) async throws(ControlError)

    // MARK: Devices
    /// The paired devices, away ones too.
    func devices() async throws(ControlError) -> [DeviceReport]
    /// Removes the device from every folder of ours, and ends the pairing.
    func removeDevice(_ device: DeviceSelector) async throws(ControlError)
    /// Renames a device as it is shown here, or this device for all.
    func renameDevice(_ request: DeviceRename) async throws(ControlError) -> DeviceReport

    // MARK: Paths
    /// Whether a path is in sync, and if not, the reason.
    func why(_ query: PathQuery) async throws(ControlError) -> WhyReport
    /// Conflict copies by their records, never by their names (rule 5).
    func conflicts() async throws(ControlError) -> [ConflictReport]
    /// What once stood at a path, newest first.
    func history(_ query: PathQuery) async throws(ControlError) -> [HistoryVersion]
    /// Puts back a content; what stands there now goes to history.
    func restore(_ request: RestoreRequest) async throws(ControlError) -> RestoreReport
    /// The last pattern that fits a path.
    func checkIgnore(_ query: PathQuery) async throws(ControlError) -> IgnoreReport
}
