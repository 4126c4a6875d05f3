/// One operation of the local API: where it is found, what it takes and what it answers.
///
/// Server and client are both made from these values, so that they can't disagree.
package struct Operation<Question: Codable & Sendable, Answer: Codable & Sendable>: Sendable {
    package enum Method: String, Sendable {
        /// Changes nothing and takes nothing.
        case get = "GET"
        /// Takes a JSON object.
        case post = "POST"
    }

    package let method: Method
    package let name: String

    package var path: String { "/v\(ControlLimits.apiVersion)/\(name)" }

    init(_ method: Method, _ name: String) { (self.method, self.name) = (method, name) }
}

/// An object without keys: a question without content, or an answer that is only "done".
package struct Nothing: Codable, Hashable, Sendable {
    package init() {}
}
