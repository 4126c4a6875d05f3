import CCurl
import Glibc

/// One HTTP exchange over a Unix socket, by libcurl. Used by one thread, once.
final class CurlTransfer {
    private let handle: UnsafeMutableRawPointer
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let answer = Answer()

    /// Initialises the library before the first handle; later calls find it done.
    private static let library: CURLcode = curl_global_init(0)

    /// - Parameter body: JSON to POST, nil to GET.
    init(socketPath: String, path: String, body: [UInt8]?) throws(ControlError) {
        guard Self.library == CURLE_OK, let handle = curl_easy_init() else {
            throw ControlError(.failed, "libcurl can't be initialised")
        }
        self.handle = handle
        // Without "Expect", curl would wait for a 100 before a larger body.
        headers = curl_slist_append(curl_slist_append(nil, "Content-Type: application/json"), "Expect:")
        var results = [
            lanyard_curl_set_text(handle, CURLOPT_UNIX_SOCKET_PATH, socketPath),
            lanyard_curl_set_text(handle, CURLOPT_URL, "http://agent\(path)"),
            lanyard_curl_set_text(handle, CURLOPT_PROXY, ""),
            lanyard_curl_set_number(handle, CURLOPT_NOSIGNAL, 1),
            lanyard_curl_set_headers(handle, headers),
            lanyard_curl_set_write(handle, takeAnswer, Unmanaged.passUnretained(answer).toOpaque()),
        ]
        if let body { results.append(lanyard_curl_set_body(handle, body, body.count)) }
        guard results.allSatisfy({ $0 == CURLE_OK }) else {
            throw ControlError(.failed, "libcurl refuses an option: is it older than 7.40?")
        }
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
    }

    /// Blocks until the answer is complete.
    func perform(withinSeconds seconds: Double) throws(ControlError) -> (status: Int, body: [UInt8]) {
        let milliseconds = Int((min(seconds, ControlLimits.timeoutSeconds * 2) * 1_000).rounded(.up))
        _ = lanyard_curl_set_number(handle, CURLOPT_TIMEOUT_MS, max(1, milliseconds))
        let result = curl_easy_perform(handle)
        guard result == CURLE_OK else { throw failure(result, seconds: seconds) }
        return (lanyard_curl_status(handle), answer.bytes)
    }

    private func failure(_ result: CURLcode, seconds: Double) -> ControlError {
        switch result {
        case CURLE_COULDNT_CONNECT:
            let number = Int32(truncatingIfNeeded: lanyard_curl_errno(handle))
            if number == EACCES || number == EPERM {
                return ControlError(.socketFailed, "the agent of this home belongs to another user")
            }
            return .noAgent
        case CURLE_OPERATION_TIMEDOUT:
            return ControlError(.connectionLost, "the agent gave no answer within \(Int(seconds)) seconds")
        case CURLE_WRITE_ERROR:
            return ControlError(
                .answerMalformed, "the agent's answer is longer than \(ControlLimits.answerBytes) bytes")
        default:
            return ControlError(
                .connectionLost,
                "the agent went away before it answered (\(String(cString: curl_easy_strerror(result))))")
        }
    }

    /// The bytes of an answer, within `ControlLimits.answerBytes`.
    private final class Answer {
        var bytes: [UInt8] = []
    }

    /// Called by libcurl with each part; any other number than that of the bytes given ends the exchange.
    private let takeAnswer: lanyard_curl_write = { part, size, count, context in
        guard let part, let context else { return 0 }
        let answer = Unmanaged<Answer>.fromOpaque(context).takeUnretainedValue()
        guard answer.bytes.count + size * count <= ControlLimits.answerBytes else { return 0 }
        part.withMemoryRebound(to: UInt8.self, capacity: size * count) {
            answer.bytes.append(contentsOf: UnsafeBufferPointer(start: $0, count: size * count))
        }
        return size * count
    }
}
