public import ControlAPI
import ControlSamples

extension FakeAgent: AgentControl {
    // MARK: The agent
    public func version() async throws(ControlError) -> VersionReport {
        try ask("version")
        return VersionReport(version: "0.1.0", wireProtocol: 1)
    }
    public func status() async throws(ControlError) -> AgentStatus {
        try ask("status")
        return switch mood {
        case .content: Samples.status
        case .empty: Samples.newStatus
        case .unhappy: Samples.troubledStatus
        }
    }
    public func problems() async throws(ControlError) -> [AgentProblem] {
        try ask("problems")
        return mood == .empty ? [] : Samples.problems
    }
    public func doctor() async throws(ControlError) -> DoctorReport {
        try ask("doctor")
        return mood == .unhappy ? Samples.badDoctor : Samples.goodDoctor
    }
    public func wait(_ request: WaitRequest) async throws(ControlError) -> WaitReport {
        try ask("wait", request)
        if request.devices == ["forever"] { await waitForever() }
        return mood == .unhappy ? Samples.unsynced : WaitReport(synced: true)
    }
    public func stop() async throws(ControlError) { try ask("stop") }

    // MARK: Folders
    public func folders() async throws(ControlError) -> FolderList {
        try ask("folders")
        return mood == .empty ? FolderList(folders: []) : Samples.folderList
    }
    public func addFolder(_ request: FolderAddition) async throws(ControlError) -> FolderStatus {
        try ask("addFolder", request)
        return Samples.documents
    }
    public func removeFolder(_ folder: FolderSelector) async throws(ControlError) { try ask("removeFolder", folder) }
    public func pauseFolder(_ folder: FolderSelector) async throws(ControlError) -> FolderStatus {
        try ask("pauseFolder", folder)
        return Samples.documents(.paused)
    }
    public func resumeFolder(_ folder: FolderSelector) async throws(ControlError) -> FolderStatus {
        try ask("resumeFolder", folder)
        return Samples.documents(.scanning)
    }
    public func shareFolder(_ request: FolderShare) async throws(ControlError) { try ask("shareFolder", request) }
    public func acceptFolder(_ request: FolderAcceptance) async throws(ControlError) -> FolderStatus {
        try ask("acceptFolder", request)
        return Samples.documents
    }
    public func releaseFolder(_ folder: FolderSelector) async throws(ControlError) -> FolderStatus {
        try ask("releaseFolder", folder)
        return Samples.documents
    }
    public func discardFolder(_ folder: FolderSelector) async throws(ControlError) -> FolderStatus {
        try ask("discardFolder", folder)
        return Samples.documents
    }
    public func folderChanges(_ folder: FolderSelector) async throws(ControlError) -> [LocalChangeReport] {
        try ask("folderChanges", folder)
        return Samples.changes
    }
    public func revertFolder(_ request: FolderReversal) async throws(ControlError) -> FolderStatus {
        try ask("revertFolder", request)
        return Samples.documents
    }
    public func setDeletionBudget(_ request: DeletionBudgetChange) async throws(ControlError) -> FolderStatus {
        try ask("setDeletionBudget", request)
        return Samples.documents
    }

    public func rateLimits() async throws(ControlError) -> RateLimits {
        try ask("rateLimits")
        return Samples.limits
    }
    public func setRateLimits(_ limits: RateLimits) async throws(ControlError) -> RateLimits {
        try ask("setRateLimits", limits)
        return limits
    }

    // MARK: Pairing
    public func invite(_ request: InviteRequest) async throws(ControlError) -> Invite {
        try ask("invite", request)
        return Samples.invite
    }
    public func join(_ request: JoinRequest) async throws(ControlError) -> JoinedFolder {
        try ask("join", request)
        return Samples.joined
    }
    public func devicesNearby() async throws(ControlError) -> [NearbyDevice] {
        try ask("devicesNearby")
        return mood == .empty ? [] : Samples.nearby
    }
    public func startPairing(_ request: PairingRequest) async throws(ControlError) -> PairingSession {
        try ask("startPairing", request)
        return Samples.session(.comparing)
    }
    public func pairingSessions() async throws(ControlError) -> [PairingSession] {
        try ask("pairingSessions")
        return mood == .empty ? [] : [Samples.session(nextPairingState())]
    }
    public func confirmPairing(_ request: PairingConfirmation) async throws(ControlError) -> PairingSession {
        try ask("confirmPairing", request)
        return Samples.session(request.code == nil ? .refused : .confirmed)
    }
    public func cancelPairing(_ session: PairingSelector) async throws(ControlError) {
        try ask("cancelPairing", session)
    }

    // MARK: Devices
    public func devices() async throws(ControlError) -> [DeviceReport] {
        try ask("devices")
        return mood == .empty ? [] : Samples.devices
    }
    public func removeDevice(_ device: DeviceSelector) async throws(ControlError) { try ask("removeDevice", device) }
    public func renameDevice(_ request: DeviceRename) async throws(ControlError) -> DeviceReport {
        try ask("renameDevice", request)
        return Samples.devices[0]
    }

    // MARK: Paths
    public func why(_ query: PathQuery) async throws(ControlError) -> WhyReport {
        try ask("why", query)
        return mood == .unhappy ? Samples.whyNot : Samples.whyYes
    }
    public func conflicts() async throws(ControlError) -> [ConflictReport] {
        try ask("conflicts")
        return mood == .empty ? [] : Samples.conflicts
    }
    public func history(_ query: PathQuery) async throws(ControlError) -> [HistoryVersion] {
        try ask("history", query)
        return mood == .empty ? [] : Samples.versions
    }
    public func restore(_ request: RestoreRequest) async throws(ControlError) -> RestoreReport {
        try ask("restore", request)
        return RestoreReport(folder: "documents", restored: Samples.versions[0])
    }
    public func checkIgnore(_ query: PathQuery) async throws(ControlError) -> IgnoreReport {
        try ask("checkIgnore", query)
        return mood == .content ? Samples.ignored : Samples.notIgnored
    }
}
