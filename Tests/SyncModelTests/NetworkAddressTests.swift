import SyncModel
import Testing

@Suite struct NetworkAddressTests {
    @Test(arguments: [
        ("192.0.2.1:22077", NetworkAddress.Host.ipv4(0xc000_0201), 22_077 as UInt16),
        ("0.0.0.0:0", .ipv4(0), 0),
        ("[::]:1", .ipv6(high: 0, low: 0, scope: nil), 1),
        ("[::1]:65535", .ipv6(high: 0, low: 1, scope: nil), 65_535),
        ("[2001:db8::1:0:0:2]:9", .ipv6(high: 0x2001_0db8_0000_0000, low: 0x0001_0000_0000_0002, scope: nil), 9),
        ("[fe80::1%eth0]:22077", .ipv6(high: 0xfe80 << 48, low: 1, scope: .name("eth0")), 22_077),
        ("[fe80::1%3]:22077", .ipv6(high: 0xfe80 << 48, low: 1, scope: .index(3)), 22_077),
        ("host1.local:22077", .name("host1.local"), 22_077),
        ("a_b-c:7", .name("a_b-c"), 7),
    ])
    func readsAndWritesTheSameText(text: String, host: NetworkAddress.Host, port: UInt16) throws {
        let address = try NetworkAddress(text: text)
        #expect(address == NetworkAddress(host: host, port: port))
        #expect(address.description == text)
    }

    @Test(arguments: [
        ("[2001:DB8:0:0:0:0:0:1]:1", "[2001:db8::1]:1"),
        ("[::FFFF:192.0.2.1]:1", "192.0.2.1:1"),
        ("[64:ff9b::192.0.2.1]:1", "[64:ff9b::c000:201]:1"),
        ("[1:0:0:2:0:0:0:3]:1", "[1:0:0:2::3]:1"),
        ("[1:0:0:2:0:0:3:4]:1", "[1::2:0:0:3:4]:1"),
        ("[1:2:3:4:5:6:7:0]:1", "[1:2:3:4:5:6:7:0]:1"),
        ("[1:2:3:4:5:6:7::]:1", "[1:2:3:4:5:6:7:0]:1"),
        ("Host.Example:1", "host.example:1"),
    ])
    func writesOneTextAnAddress(text: String, canonical: String) throws {
        #expect(try NetworkAddress(text: text).description == canonical)
    }

    @Test(arguments: [
        ("", NetworkAddress.Refusal.portMissing), ("host", .portMissing), ("[::1]", .portMissing),
        ("host:", .portMalformed), ("host:65536", .portMalformed), ("host:+1", .portMalformed),
        ("host:01", .portMalformed), ("host: 1", .portMalformed), ("host:99999999999999999999", .portMalformed),
        (":1", .hostMalformed), ("fe80::1:1", .hostMalformed), ("[]:1", .hostMalformed), ("[:1", .hostMalformed),
        ("[::1:1", .hostMalformed), ("[1.2.3.4]:1", .hostMalformed), ("[:::]:1", .hostMalformed),
        ("[1::2::3]:1", .hostMalformed), ("[1:2:3:4:5:6:7:8:9]:1", .hostMalformed), ("[12345::]:1", .hostMalformed),
        ("[1:2:3:4:5:6:7]:1", .hostMalformed), ("[1:2:3:4::5:6:7:8]:1", .hostMalformed), ("[+1::]:1", .hostMalformed),
        ("[:1:2:3:4:5:6:7]:1", .hostMalformed), ("[1.2.3.4::]:1", .hostMalformed), ("[g::]:1", .hostMalformed),
        ("256.0.0.1:1", .hostMalformed), ("1.2.3:1", .hostMalformed), ("01.2.3.4:1", .hostMalformed),
        ("a..b:1", .hostMalformed), ("-a:1", .hostMalformed), ("a b:1", .hostMalformed), ("a\0:1", .hostMalformed),
        ("é:1", .hostMalformed), (String(repeating: "a", count: 64) + ":1", .hostMalformed),
        ("[fe80::1%]:1", .scopeMalformed), ("[fe80::1%0]:1", .scopeMalformed), ("[::1%eth0]:1", .scopeMalformed),
        ("[fe80::1%a/b]:1", .scopeMalformed), ("[fe80::1%abcdefghijklmnop]:1", .scopeMalformed),
        (String(repeating: "a", count: Limits.addressBytes + 1), .tooLong(bytes: Limits.addressBytes + 1)),
    ])
    func refuses(text: String, refusal: NetworkAddress.Refusal) {
        #expect(throws: refusal) { try NetworkAddress(text: text) }
    }

    @Test func everyAddressSurvivesItsText() throws {
        var seed: UInt64 = 1
        func next() -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return seed ^ seed >> 33
        }
        func cleared(_ word: UInt64, by coins: UInt64) -> UInt64 {
            var word = word
            for group in 0..<4 where coins >> UInt64(group) & 1 == 0 { word &= ~(UInt64(0xffff) << UInt64(group * 16)) }
            return word
        }
        for _ in 0..<2_000 {
            // Whole groups are cleared at random, so that runs of zeros of every length occur.
            let (high, low) = (cleared(next(), by: next()), cleared(next(), by: next()))
            let host = NetworkAddress.Host.ipv6(high: high, low: low, scope: nil)
            let address = NetworkAddress(host: host, port: UInt16(truncatingIfNeeded: next()))
            #expect(try NetworkAddress(text: address.description) == address)
        }
    }

    @Test func knowsWhatCanBeConnectedTo() throws {
        for text in ["127.0.0.1:1", "[::1]:1", "169.254.1.1:1", "[fe80::1%2]:1", "host:1", "223.255.255.255:1"] {
            #expect(try NetworkAddress(text: text).isConnectable, "\(text)")
        }
        for text in ["0.0.0.0:1", "0.1.2.3:1", "224.0.0.251:1", "255.255.255.255:1", "[::]:1", "[ff02::fb]:1", "h:0"] {
            #expect(try !NetworkAddress(text: text).isConnectable, "\(text)")
        }
    }

    @Test func knowsWhatIsLinkLocal() throws {
        for text in ["169.254.1.1:1", "[fe80::1]:1", "[febf::1%2]:1"] {
            #expect(try NetworkAddress(text: text).isLinkLocal, "\(text)")
        }
        for text in ["169.253.1.1:1", "[fec0::1]:1", "[fe00::1]:1", "host:1"] {
            #expect(try !NetworkAddress(text: text).isLinkLocal, "\(text)")
        }
    }
}
