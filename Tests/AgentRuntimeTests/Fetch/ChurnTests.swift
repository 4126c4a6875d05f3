import LocalFileSystem
import SeededRandom
import SyncCore
import SyncModel
import TLSTransport
import Testing
import WireProtocol

@testable import AgentRuntime

/// Orders that come and are given up, and links that go and come, by seed: in the end everything is there.
@Suite struct ChurnTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func whateverHappensEveryContentComesInTheEnd(seed: UInt64) throws {
        let nodes = try (0..<3).map { _ in try Node() }
        defer { for node in nodes { node.close() } }
        let near = nodes[0]
        var generator = SeededGenerator(seed: seed)
        let files = (0..<24).map { number in
            ("f\(number)", generator.bytes(Int.random(in: 1...(number < 6 ? 3_000_000 : 200_000), using: &generator)))
        }
        let contents = try nodes[1].add(files)
        try nodes[2].add(files)
        var links: [Int: LinkPair] = [:]
        for _ in 0..<120 {
            let index = Int.random(in: 0..<files.count, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                let far = Int.random(in: 1...2, using: &generator)
                if let pair = links.removeValue(forKey: far) {
                    (Bool.random(using: &generator) ? pair.near : pair.far).close(.goingAway, "Churn.")
                    _ = try near.recorder(pair.near).closed()
                    if Bool.random(using: &generator) { near.fetcher.linkClosed(nodes[far].device) }
                }
            case 1...2:
                let far = Int.random(in: 1...2, using: &generator)
                if links[far] == nil { links[far] = try LinkPair(near, nodes[far]) }
            case 3...4: near.fetcher.cancel(contents[index])
            default:
                let priority = FetchPriority.allCases.randomElement(using: &generator) ?? .bulk
                near.fetcher.start(
                    try near.order(contents[index], files[index].0, from: Array(nodes[1...]), priority: priority))
            }
        }
        for far in 1...2 where links[far] == nil { links[far] = try LinkPair(near, nodes[far]) }
        for (content, file) in zip(contents, files) {
            while !near.stage.contains(content) {
                let before = near.monitor.withLock { $0.events.count }
                near.fetcher.start(try near.order(content, file.0, from: Array(nodes[1...])))
                _ = try near.events(before + 1)
            }
            #expect(try near.staged(content) == file.1)
        }
        #expect(nodes.dropFirst().allSatisfy { $0.monitor.withLock { $0.events.isEmpty } })
        for pair in links.values { #expect(pair.near.connection.isOpen && pair.far.connection.isOpen) }
    }
}
