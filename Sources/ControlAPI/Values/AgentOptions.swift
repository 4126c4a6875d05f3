/// What `lanyard up` asks of the agent that it starts.
public struct AgentOptions: Hashable, Sendable {
    /// Absolute; the directory that holds all state.
    public var home: String
    /// Absolute; folders to add, if they aren't there.
    public var paths: [LocalPath]
    /// `HOST:PORT`; port 0 takes a free one. Empty: the default port on every address.
    public var listen: [String]
    public var discovery: Bool
    /// One line of JSON (`ReadyLine`) on standard output instead of a sentence, once every command works.
    public var readyLineAsJSON: Bool
    public var allowRoot: Bool

    public init(
        home: String, paths: [LocalPath] = [], listen: [String] = [], discovery: Bool = true,
        readyLineAsJSON: Bool = false, allowRoot: Bool = false
    ) {
        self.home = home
        self.paths = paths
        self.listen = listen
        self.discovery = discovery
        self.readyLineAsJSON = readyLineAsJSON
        self.allowRoot = allowRoot
    }
}

/// The line that `lanyard up --json` prints when every other command works (rule 29).
public struct ReadyLine: Hashable, Sendable, Codable {
    public var ready: Bool
    public var device: OwnDevice
    public var home: String
    public var process: Int32

    public init(device: OwnDevice, home: String, process: Int32) {
        self.ready = true
        self.device = device
        self.home = home
        self.process = process
    }
}
