import Glibc
import SyncModel
import Synchronization
import TLSTransport

/// Sends bulk frames one way between two processes and prints megabytes a second and the CPU seconds a GiB of each.
/// Usage: transport-benchmark [frame KiB] [GiB]; without arguments both 1 MiB and 256 KiB, 4 GiB each.

func cpuSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

final class Done: Sendable {
    private let received = Atomic<UInt64>(0)
    private let pipe: (read: Int32, write: Int32)

    init() {
        var ends: [Int32] = [0, 0]
        precondition(Glibc.pipe(&ends) == 0)
        pipe = (ends[0], ends[1])
    }

    func add(_ count: Int, until total: UInt64) {
        if received.wrappingAdd(UInt64(count), ordering: .relaxed).newValue >= total { signal() }
    }

    func signal() { _ = write(pipe.write, [1], 1) }

    func wait() {
        var byte: UInt8 = 0
        _ = read(pipe.read, &byte, 1)
    }
}

func report(_ name: String, seconds: Double, cpu: Double, bytes: UInt64) {
    let gib = Double(bytes) / Double(1 << 30)
    let rate = Int(Double(bytes) / 1e6 / seconds)
    let perGiB = Int(cpu / gib * 1000)
    print("  \(name): \(rate) MB/s, \(perGiB) CPU ms/GiB, \(Int(cpu / seconds * 100)) % of a core")
}

/// The receiving process: listens, tells its port, counts.
func receive(total: UInt64, tell: Int32) throws {
    let identity = try Identity.ephemeral()
    let transport = try Transport(identity: identity) { _ in .paired }
    let done = Done()
    let listener = try Listener(
        transport: transport, addresses: [.loopback(port: 0)],
        established: { _ in
            ConnectionHandler(frame: { _, payload in done.add(payload.count, until: total) }, closed: { _ in })
        }, refused: { print("refused", $0, $1) })
    var port = listener.addresses[0].port
    write(tell, &port, 2)
    let begin = MonotonicClock.nanoseconds
    let before = cpuSeconds()
    done.wait()
    let seconds = Double(MonotonicClock.nanoseconds - begin) / 1e9
    report("receiver", seconds: seconds, cpu: cpuSeconds() - before, bytes: total)
    _ = transport.closeAll(timeoutMilliseconds: 5_000)
    listener.close()
}

func send(total: UInt64, frameBytes: Int, port: UInt16) throws {
    let identity = try Identity.ephemeral()
    let transport = try Transport(identity: identity) { _ in .paired }
    let source = [UInt8](repeating: 0x5a, count: Limits.frameBytes)
    let left = Atomic<UInt64>(total)
    let done = Done()
    let begin = MonotonicClock.nanoseconds
    let before = cpuSeconds()
    let connection = try Dialer(transport: transport).dial(
        [.loopback(port: port)], expecting: nil, timeoutMilliseconds: 5_000
    ) { _ in
        ConnectionHandler(
            frame: { _, _ in },
            produceBulk: { buffer in
                let remaining = left.load(ordering: .relaxed)
                guard remaining > 0 else { return nil }
                let count = min(frameBytes, Int(remaining))
                // One copy, as reading from the page cache would make.
                source.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
                left.store(remaining - UInt64(count), ordering: .relaxed)
                return (type: 1, length: count)
            }, closed: { _ in done.signal() })
    }
    connection.bulkReady()
    done.wait()
    let seconds = Double(MonotonicClock.nanoseconds - begin) / 1e9
    report("sender  ", seconds: seconds, cpu: cpuSeconds() - before, bytes: total)
    _ = transport.closeAll(timeoutMilliseconds: 5_000)
}

func run(_ role: [String]) throws {
    let total = UInt64(role[1]).map { $0 << 30 } ?? 0
    if role[0] == "receive" {
        try receive(total: total, tell: 3)
    } else {
        try send(total: total, frameBytes: (Int(role[2]) ?? 0) << 10, port: UInt16(role[3]) ?? 0)
    }
}

func spawn(_ arguments: [String], passing descriptor: Int32?) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    if let descriptor { posix_spawn_file_actions_adddup2(&actions, descriptor, 3) }
    var child: pid_t = 0
    var argv: [UnsafeMutablePointer<CChar>?] = (["transport-benchmark"] + arguments).map { strdup($0) }
    argv.append(nil)
    precondition(posix_spawn(&child, "/proc/self/exe", &actions, nil, argv, environ) == 0)
    return child
}

func measure(frameKiB: Int, gib: Int) {
    print("frames of \(frameKiB) KiB, \(gib) GiB:")
    fflush(nil)
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    let receiver = spawn(["receive", "\(gib)"], passing: ends[1])
    var port: UInt16 = 0
    read(ends[0], &port, 2)
    let sender = spawn(["send", "\(gib)", "\(frameKiB)", "\(port)"], passing: nil)
    var status: Int32 = 0
    for child in [receiver, sender] { waitpid(child, &status, 0) }
}

let arguments = Array(CommandLine.arguments.dropFirst())
if let first = arguments.first, ["receive", "send"].contains(first) {
    try run(arguments)
} else if arguments.isEmpty {
    measure(frameKiB: 1_024, gib: 4)
    measure(frameKiB: 256, gib: 4)
} else {
    measure(frameKiB: Int(arguments[0]) ?? 1_024, gib: arguments.count > 1 ? Int(arguments[1]) ?? 4 : 4)
}
