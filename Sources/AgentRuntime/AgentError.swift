/// Why the agent could not do something of its own. Two are equal when their codes are.
public struct AgentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind it is.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The system has no thread, memory or descriptor left.
        case outOfResources
        /// The home can't be made or used.
        case home
        /// The home belongs to another machine or place.
        case copied
        /// Running as root was not allowed.
        case root
        /// An address can't be listened at.
        case listen
    }

    public let code: Code
    /// One sentence: what happened, to what.
    public let message: String

    public init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }

    public var description: String { message }

    public static func == (left: AgentError, right: AgentError) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
