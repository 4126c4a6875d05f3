/// The operations, documented in `AgentControl`.
extension ControlClient {
    // MARK: The agent
    public func version() throws(ControlError) -> VersionReport { try ask(Operations.version, Nothing()) }
    public func status() throws(ControlError) -> AgentStatus { try ask(Operations.status, Nothing()) }
    public func problems() throws(ControlError) -> [AgentProblem] { try ask(Operations.problems, Nothing()) }
    public func doctor() throws(ControlError) -> DoctorReport { try ask(Operations.doctor, Nothing()) }
    public func wait(_ request: WaitRequest) throws(ControlError) -> WaitReport {
        try ask(
            Operations.wait, request, withinSeconds: request.timeoutSeconds + ControlLimits.answerMarginSeconds)
    }
    public func stop() throws(ControlError) { _ = try ask(Operations.stop, Nothing()) }

    // MARK: Folders
    public func folders() throws(ControlError) -> FolderList { try ask(Operations.folders, Nothing()) }
    public func addFolder(_ request: FolderAddition) throws(ControlError) -> FolderStatus {
        try ask(Operations.addFolder, request)
    }
    public func removeFolder(_ folder: FolderSelector) throws(ControlError) {
        _ = try ask(Operations.removeFolder, folder)
    }
    public func pauseFolder(_ folder: FolderSelector) throws(ControlError) -> FolderStatus {
        try ask(Operations.pauseFolder, folder)
    }
    public func resumeFolder(_ folder: FolderSelector) throws(ControlError) -> FolderStatus {
        try ask(Operations.resumeFolder, folder)
    }
    public func shareFolder(_ request: FolderShare) throws(ControlError) { _ = try ask(Operations.shareFolder, request) }
    public func acceptFolder(_ request: FolderAcceptance) throws(ControlError) -> FolderStatus {
        try ask(Operations.acceptFolder, request)
    }
    public func releaseFolder(_ folder: FolderSelector) throws(ControlError) -> FolderStatus {
        try ask(Operations.releaseFolder, folder)
    }
    public func discardFolder(_ folder: FolderSelector) throws(ControlError) -> FolderStatus {
        try ask(Operations.discardFolder, folder)
    }
    public func setDeletionBudget(_ request: DeletionBudgetChange) throws(ControlError) -> FolderStatus {
        try ask(Operations.setDeletionBudget, request)
    }

    // MARK: Pairing
    public func invite(_ request: InviteRequest) throws(ControlError) -> Invite { try ask(Operations.invite, request) }
    public func join(_ request: JoinRequest) throws(ControlError) -> JoinedFolder { try ask(Operations.join, request) }
    public func devicesNearby() throws(ControlError) -> [NearbyDevice] { try ask(Operations.devicesNearby, Nothing()) }
    public func startPairing(_ request: PairingRequest) throws(ControlError) -> PairingSession {
        try ask(
            Operations.startPairing, request,
            withinSeconds: request.timeoutSeconds + ControlLimits.answerMarginSeconds)
    }
    public func pairingSessions() throws(ControlError) -> [PairingSession] {
        try ask(Operations.pairingSessions, Nothing())
    }
    public func confirmPairing(_ request: PairingConfirmation) throws(ControlError) -> PairingSession {
        try ask(Operations.confirmPairing, request)
    }
    public func cancelPairing(_ session: PairingSelector) throws(ControlError) {
        _ = try ask(Operations.cancelPairing, session)
    }

    // MARK: Devices
    public func devices() throws(ControlError) -> [DeviceReport] { try ask(Operations.devices, Nothing()) }
    public func removeDevice(_ device: DeviceSelector) throws(ControlError) {
        _ = try ask(Operations.removeDevice, device)
    }
    public func renameDevice(_ request: DeviceRename) throws(ControlError) -> DeviceReport {
        try ask(Operations.renameDevice, request)
    }

    // MARK: Paths
    public func why(_ query: PathQuery) throws(ControlError) -> WhyReport { try ask(Operations.why, query) }
    public func conflicts() throws(ControlError) -> [ConflictReport] { try ask(Operations.conflicts, Nothing()) }
    public func history(_ query: PathQuery) throws(ControlError) -> [HistoryVersion] {
        try ask(Operations.history, query)
    }
    public func restore(_ request: RestoreRequest) throws(ControlError) -> RestoreReport {
        try ask(Operations.restore, request)
    }
    public func checkIgnore(_ query: PathQuery) throws(ControlError) -> IgnoreReport {
        try ask(Operations.checkIgnore, query)
    }
}
