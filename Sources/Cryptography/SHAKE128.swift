internal import COpenSSL

/// SHAKE128 (FIPS 202): as many bytes as wanted from a message.
public enum SHAKE128 {
    private static let algorithm = FetchedDigest("SHAKE128")

    /// Fills `output` from `message`.
    public static func expand(_ message: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("OpenSSL could not allocate a digest") }
        defer { EVP_MD_CTX_free(context) }
        precondition(EVP_DigestInit_ex(context, algorithm.pointer, nil) == 1)
        precondition(EVP_DigestUpdate(context, message.baseAddress, message.count) == 1)
        let bytes = output.bindMemory(to: UInt8.self).baseAddress
        precondition(EVP_DigestFinalXOF(context, bytes, output.count) == 1)
    }
}
