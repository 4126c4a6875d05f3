/// The version of the agent, as `lanyard version` and the hello show it.
public enum AgentVersion {
    public static let number = "0.1.0"
    public static let text = "lanyard \(number)"
}
