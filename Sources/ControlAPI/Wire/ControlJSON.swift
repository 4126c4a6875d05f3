import FoundationEssentials

/// The one place where values become JSON and are made of it.
public enum ControlJSON {
    /// One line, keys in alphabetical order.
    public static func text(_ value: some Encodable) throws(ControlError) -> String {
        String(decoding: try bytes(value), as: UTF8.self)
    }

    package static func bytes(_ value: some Encodable) throws(ControlError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) } catch {
            throw ControlError(.failed, "a value can't be written as JSON: \(error)")
        }
    }

    /// - Parameter code: what to call bytes that aren't such a value.
    package static func value<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], orThrow code: ControlError.Code
    ) throws(ControlError) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch let error as DecodingError {
            throw ControlError(code, explain(error))
        } catch {
            throw ControlError(code, "the JSON can't be read: \(error)")
        }
    }

    private static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "the JSON lacks the key \(place(context.codingPath + [key]))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "the JSON has another kind of value at \(place(context.codingPath)): \(context.debugDescription)"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty
                ? "not JSON: \(context.debugDescription)"
                : "the JSON has a value out of bounds at \(place(context.codingPath)): \(context.debugDescription)"
        @unknown default: "the JSON can't be read"
        }
    }

    private static func place(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "the top" : keys.map(\.stringValue).joined(separator: ".")
    }
}
