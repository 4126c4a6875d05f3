import AgentRuntime
import Chunking
import Glibc
import SyncCore
import SyncModel
import TLSTransport
import WireProtocol

/// Arguments: the large file's MiB, the number of small files, their bytes, and the directory to work in.
let arguments = CommandLine.arguments
let mebibytes = arguments.count > 1 ? Int(arguments[1]) ?? 1_024 : 1_024
let smallFiles = arguments.count > 2 ? Int(arguments[2]) ?? 20_000 : 20_000
let smallBytes = arguments.count > 3 ? Int(arguments[3]) ?? 4_096 : 4_096
var directory = Array(((arguments.count > 4 ? arguments[4] : "/tmp") + "/lanyard-transfer-XXXXXX").utf8CString)
guard mkdtemp(&directory) != nil else { preconditionFailure("no directory") }
let home = String(decoding: directory.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)

/// Without the buffer of `print`, so that nothing is lost when a run is ended.
func report(_ line: String) { _ = write(1, line + "\n", line.utf8.count + 1) }

func seconds() -> Double { Double(MonotonicClock.nanoseconds) / 1e9 }

func peakKibibytes() -> String {
    guard let file = fopen("/proc/self/status", "r") else { return "?" }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.hasPrefix("VmHWM") { return text.split(separator: " ").dropFirst().first.map(String.init) ?? "?" }
    }
    return "?"
}

/// Fills a file with bytes that do not repeat, and returns their chunks.
func make(_ path: String, bytes: Int, seed: UInt64) -> ChunkList {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard file >= 0 else { preconditionFailure("cannot write \(path)") }
    defer { close(file) }
    let builder = ChunkListBuilder()
    var state = seed
    var buffer = [UInt64](repeating: 0, count: 32_768)
    var left = bytes
    while left > 0 {
        for index in buffer.indices {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            buffer[index] = state ^ (state >> 29)
        }
        let count = min(left, buffer.count * 8)
        buffer.withUnsafeBytes { bytes in
            let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
            builder.update(part)
            if write(file, part.baseAddress, count) != count { preconditionFailure("short write") }
        }
        left -= count
    }
    return builder.finish()
}

let near = try Peer(directory: home, name: "near")
let far = try Peer(directory: home, name: "far")
let big = make(far.path + "/big", bytes: mebibytes << 20, seed: 1)
try far.commit([("big", big)], after: 0)
var small: [(name: String, list: ChunkList)] = []
for number in 0..<smallFiles {
    let name = "\(number / 500)/\(number)"
    if number % 500 == 0 { mkdir(far.path + "/\(number / 500)", 0o755) }
    small.append((name, make(far.path + "/" + name, bytes: smallBytes, seed: UInt64(number + 2))))
}
var done = 0
while done < small.count {
    let part = Array(small[done..<min(done + 10_000, small.count)])
    try far.commit(part, after: UInt64(done + 1))
    done += part.count
}
report("peak before \(peakKibibytes()) KiB")

nonisolated(unsafe) var links: [PeerLink] = []
let listener = try Listener(
    transport: far.transport, addresses: [.loopback(port: 0)],
    established: { far.link(on: $0) { links.append($0) }.handler },
    refused: { _, error in preconditionFailure("\(error)") })
_ = try Dialer(transport: near.transport).dial(
    listener.addresses, expecting: far.identity.deviceID, timeoutMilliseconds: 5_000
) { near.link(on: $0) { links.append($0) }.handler }
for peer in [near, far] { peer.progress.wait("paired", 1) }
for link in links { link.send(.folderOffer([FolderOffer(folder: folder, name: "folder", records: [])])) }
for peer in [near, far] { peer.progress.wait("offered", 1) }
for link in links {
    let own = link.peer == far.identity.deviceID ? near : far
    link.register(own.services)
    own.fetcher.linkOpened(link.peer, link)
}

let toFar = links.first { $0.peer == far.identity.deviceID }
for round in 1...3 {
    let path = try RelativePath("big")
    let begun = seconds()
    near.fetcher.start(
        FetchOrder(
            content: big.content, path: path, sources: [FetchSource(device: far.identity.deviceID, path: path)],
            similar: nil, priority: .bulk))
    near.progress.wait("staged", round)
    let took = seconds() - begun
    let rate = Double(mebibytes << 20) / took / 1e6
    report("large: \(mebibytes) MiB in \(took) s, \(Int(rate)) MB/s, peak \(peakKibibytes()) KiB")
    try near.services.stage.remove(big.content)
}

let begun = seconds()
func request(_ bytes: Int) {
    toFar?.send(
        .indexRequest(
            IndexRequest(
                folder: folder, epoch: IndexEpoch(1), after: 0, inlineLimit: UInt32(Limits.inlineBytes),
                creditBytes: UInt32(bytes))))
}
request(Limits.indexCreditBytes)
// As an engine does: what is used up is granted again, by halves.
let half = Limits.indexCreditBytes / 2
for granted in 1...max(1, smallFiles * smallBytes / half) where granted * half <= smallFiles * smallBytes {
    near.progress.wait("bytes", granted * half)
    request(half)
}
near.progress.wait("entries", smallFiles + 1)
let took = seconds() - begun
report("small: \(smallFiles) files of \(smallBytes) bytes in \(took) s, peak \(peakKibibytes()) KiB")
listener.close()
_ = near.transport.closeAll(timeoutMilliseconds: 5_000)
_ = far.transport.closeAll(timeoutMilliseconds: 5_000)
