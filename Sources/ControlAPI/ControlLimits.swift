/// The bounds of the local API.
public enum ControlLimits {
    /// The version in every route; another one is another API.
    public static let apiVersion = 1
    /// The body of a request. The longest is a join link with a path.
    public static let requestBytes = 64 << 10
    /// The body of an answer that the client still takes.
    public static let answerBytes = 64 << 20
    /// The longest time that a call may ask for: a week.
    public static let timeoutSeconds: Double = 604_800
    /// Refuses a time that no call may ask for. The client asks too: what is no number can't be written as JSON.
    package static func check(timeoutSeconds: Double) throws(ControlError) {
        guard timeoutSeconds >= 0, timeoutSeconds <= Self.timeoutSeconds else {
            throw ControlError(.malformed, "a timeout is between 0 and \(Int(Self.timeoutSeconds)) seconds")
        }
    }
    /// What the client grants a call that doesn't name a time: joining and pairing wait for the network.
    public static let ordinarySeconds: Double = 300
    /// What the client grants a call beyond the time that it asked for.
    public static let answerMarginSeconds: Double = 30
    /// Calls under way at a stop get this long to end.
    public static let stopSeconds = 5
    /// The name of the socket in the home.
    public static let socketName = "control.sock"
}
