/// The operations, documented in `AgentControl`.
extension ControlClient {
    // MARK: The agent
    /// Which program answers.
    public func version() throws(ControlError) -> VersionReport { try ask(Operations.version, Nothing()) }
    /// One consistent snapshot.
    public func status() throws(ControlError) -> AgentStatus { try ask(Operations.status, Nothing()) }
    /// Every problem of the agent and of its folders.
    public func problems() throws(ControlError) -> [AgentProblem] { try ask(Operations.problems, Nothing()) }
    /// What is right and wrong on this machine.
    public func doctor() throws(ControlError) -> DoctorReport { try ask(Operations.doctor, Nothing()) }
    /// Blocks until everything is equal, can't become so, or the time is over.
    public func wait(_ request: WaitRequest) throws(ControlError) -> WaitReport {
        try ControlLimits.check(timeoutSeconds: request.timeoutSeconds)
        return try ask(
            Operations.wait, request, withinSeconds: request.timeoutSeconds + ControlLimits.answerMarginSeconds)
    }
    /// What all connections together may move.
    public func rateLimits() throws(ControlError) -> RateLimits { try ask(Operations.rateLimits, Nothing()) }
    /// Sets both bounds.
    public func setRateLimits(_ limits: RateLimits) throws(ControlError) -> RateLimits {
        try ask(Operations.setRateLimits, limits)
    }
    /// Begins a clean stop.
    public func stop() throws(ControlError) { _ = try ask(Operations.stop, Nothing()) }

    // MARK: Folders
    /// The folders, and those offered by others.
    public func folders() throws(ControlError) -> FolderList { try ask(Operations.folders, Nothing()) }
    /// Makes a directory a folder.
    public func addFolder(_ request: FolderAddition) throws(ControlError) -> FolderStatus {
        try ask(Operations.addFolder, request)
    }
    /// Ends this device's membership; files stay.
    public func removeFolder(_ folder: FolderSelector) throws(ControlError) {
        _ = try ask(Operations.removeFolder, folder)
    }
    /// Neither scans nor syncs it from here on.
    public func pauseFolder(_ folder: FolderSelector) throws(ControlError) -> FolderStatus {
        try ask(Operations.pauseFolder, folder)
    }
    /// Ends a pause.
    public func resumeFolder(_ folder: FolderSelector) throws(ControlError) -> FolderStatus {
        try ask(Operations.resumeFolder, folder)
    }
    /// Offers a folder to a paired device.
    public func shareFolder(_ request: FolderShare) throws(ControlError) {
        _ = try ask(Operations.shareFolder, request)
    }
    /// Takes up an offer.
    public func acceptFolder(_ request: FolderAcceptance) throws(ControlError) -> FolderStatus {
        try ask(Operations.acceptFolder, request)
    }
    /// Lets held deletions happen, and publishes held files.
    public func releaseFolder(_ folder: FolderSelector) throws(ControlError) -> FolderStatus {
        try ask(Operations.releaseFolder, folder)
    }
    /// Undoes held deletions.
    public func discardFolder(_ folder: FolderSelector) throws(ControlError) -> FolderStatus {
        try ask(Operations.discardFolder, folder)
    }
    /// What was changed where this device may only read.
    public func folderChanges(_ folder: FolderSelector) throws(ControlError) -> [LocalChangeReport] {
        try ask(Operations.folderChanges, folder)
    }
    /// Takes such changes back.
    public func revertFolder(_ request: FolderReversal) throws(ControlError) -> FolderStatus {
        try ask(Operations.revertFolder, request)
    }
    /// How many deletions in an hour happen without asking.
    public func setDeletionBudget(_ request: DeletionBudgetChange) throws(ControlError) -> FolderStatus {
        try ask(Operations.setDeletionBudget, request)
    }

    // MARK: Pairing
    /// Makes a link for one device.
    public func invite(_ request: InviteRequest) throws(ControlError) -> Invite { try ask(Operations.invite, request) }
    /// Pairs with the maker of a link and joins its folder.
    public func join(_ request: JoinRequest) throws(ControlError) -> JoinedFolder { try ask(Operations.join, request) }
    /// Devices on the local network that aren't paired.
    public func devicesNearby() throws(ControlError) -> [NearbyDevice] { try ask(Operations.devicesNearby, Nothing()) }
    /// Blocks until both devices are present, or the time is over.
    public func startPairing(_ request: PairingRequest) throws(ControlError) -> PairingSession {
        try ControlLimits.check(timeoutSeconds: request.timeoutSeconds)
        return try ask(
            Operations.startPairing, request,
            withinSeconds: request.timeoutSeconds + ControlLimits.answerMarginSeconds)
    }
    /// Sessions under way or just ended.
    public func pairingSessions() throws(ControlError) -> [PairingSession] {
        try ask(Operations.pairingSessions, Nothing())
    }
    /// Gives this device's answer.
    public func confirmPairing(_ request: PairingConfirmation) throws(ControlError) -> PairingSession {
        try ask(Operations.confirmPairing, request)
    }
    /// Ends a session without pairing.
    public func cancelPairing(_ session: PairingSelector) throws(ControlError) {
        _ = try ask(Operations.cancelPairing, session)
    }

    // MARK: Devices
    /// The paired devices.
    public func devices() throws(ControlError) -> [DeviceReport] { try ask(Operations.devices, Nothing()) }
    /// Removes a device from all folders, and ends the pairing.
    public func removeDevice(_ device: DeviceSelector) throws(ControlError) {
        _ = try ask(Operations.removeDevice, device)
    }
    /// Gives a device another name.
    public func renameDevice(_ request: DeviceRename) throws(ControlError) -> DeviceReport {
        try ask(Operations.renameDevice, request)
    }

    // MARK: Paths
    /// Whether a path is in sync, and if not, why.
    public func why(_ query: PathQuery) throws(ControlError) -> WhyReport { try ask(Operations.why, query) }
    /// The conflict copies that lie in the folders.
    public func conflicts() throws(ControlError) -> [ConflictReport] { try ask(Operations.conflicts, Nothing()) }
    /// What once stood at a path, newest first.
    public func history(_ query: PathQuery) throws(ControlError) -> [HistoryVersion] {
        try ask(Operations.history, query)
    }
    /// Puts back what once stood at a path.
    public func restore(_ request: RestoreRequest) throws(ControlError) -> RestoreReport {
        try ask(Operations.restore, request)
    }
    /// The pattern that decides about a path.
    public func checkIgnore(_ query: PathQuery) throws(ControlError) -> IgnoreReport {
        try ask(Operations.checkIgnore, query)
    }
}
