import Testing

@testable import TLSTransport

extension TransportTests {
    @Suite struct SocketAddressTests {
        @Test(arguments: [
            "192.0.2.1:22067", "0.0.0.0:0", "255.255.255.255:65535", "[2001:db8::1]:22067", "[::]:0", "[::1]:1",
            "[fe80::1%lo]:22067",
        ])
        func whatIsWrittenReadsBack(_ text: String) throws {
            #expect(try SocketAddress(text: text).description == text)
        }

        @Test func equalAddressesHaveOneValue() throws {
            #expect(try SocketAddress(text: "[::ffff:192.0.2.1]:7") == SocketAddress(text: "192.0.2.1:7"))
            #expect(try SocketAddress(text: "[2001:DB8:0:0:0:0:0:1]:7").description == "[2001:db8::1]:7")
            #expect(try SocketAddress(text: "*:7") == SocketAddress(text: "[::]:7"))
        }

        @Test(arguments: [
            "", ":", ":1", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:+1",
            "192.0.2.1: 1", "192.0.2.256:1", "2001:db8::1:22067", "[192.0.2.1]:1", "[2001:db8::1]", "[2001:db8::1:1",
            "[]:1", "localhost:1", "a.example:1", "[::1\u{0}]:1", "[fe80::1%nowhere-at-all]:1", "192.0.2.1:١",
        ])
        func anythingElseIsRefused(_ text: String) {
            #expect(throws: TransportError(.addressMalformed, "")) { try SocketAddress(text: text) }
        }

        @Test func kindsAreTold() throws {
            #expect(try SocketAddress(text: "0.0.0.0:1").isWildcard && SocketAddress(text: "[::]:1").isWildcard)
            #expect(try !SocketAddress(text: "[::1]:1").isWildcard)
            #expect(try SocketAddress(text: "169.254.1.2:1").isLinkLocal)
            #expect(try SocketAddress(text: "[fe80::1%lo]:1").isLinkLocal)
            #expect(try !SocketAddress(text: "192.0.2.1:1").isLinkLocal)
        }

        @Test(arguments: ["192.0.2.1:22067", "[2001:db8::1]:22067", "[fe80::1%lo]:1"])
        func theSystemsFormReadsBack(_ text: String) throws {
            let address = try SocketAddress(text: text)
            #expect(SocketAddress(storage: address.storage) == address)
        }
    }
}
