internal import Glibc
internal import SyncEngine
internal import SyncModel

/// Runs the device's machine: one thread that takes events, asks the machine, and hands its effects on.
final class Engine: Sendable {
    private enum Job {
        case event(DeviceEvent)
        /// `dropped` takes the place of `ask` where the machine can't be asked any more.
        case question(ask: @Sendable (borrowing DeviceMachine) -> Void, dropped: @Sendable () -> Void)
    }

    private struct State {
        var jobs: [Job] = []
        var isStopped = false
    }

    private let monitor = Monitor(State())
    private let thread: WorkerThread
    private let commands = Monitor((last: UInt64(0), waiting: [CommandID: @Sendable (CommandReply) -> Void]()))

    /// Events that wait beyond which connections are made to wait: they stop reading.
    private static let waitingGreatest = 4_096
    /// Without any event the machine is asked about once a second.
    private static let tickMilliseconds: UInt64 = 1_000

    /// The answer to a command.
    enum CommandReply: Sendable {
        case peers(Result<PeersReply, PeersError>)
        case waited(WaitOutcome)
        case stopped
    }

    init() throws(AgentError) { thread = try WorkerThread(name: "engine") }

    /// - Parameter perform: called on the engine's thread with each effect; must not block.
    func start(_ machine: DeviceMachine, perform: @escaping @Sendable (DeviceEffect, borrowing DeviceMachine) -> Void) {
        thread.post { [self] in run(machine, perform) }
    }

    func stop() {
        monitor.announce { $0.isStopped = true }
        thread.stop()
        thread.join()
        drain()
        let waiting = commands.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting.values.map { $0 }
        }
        for answer in waiting { answer(.stopped) }
    }

    // MARK: Any thread

    func post(_ event: DeviceEvent) {
        monitor.announce { state in if !state.isStopped { state.jobs.append(.event(event)) } }
    }

    /// Waits while too many events wait: for what peers send.
    func postWaiting(_ event: DeviceEvent) {
        _ = monitor.wait { state -> Bool? in
            if state.isStopped { return false }
            guard state.jobs.count < Self.waitingGreatest else { return nil }
            state.jobs.append(.event(event))
            return true
        }
        monitor.announce { _ in }
    }

    /// What the machine says between two events; nil once the engine is stopped.
    func read<Value: Sendable>(_ body: @escaping @Sendable (borrowing DeviceMachine) -> Value) async -> Value? {
        await withCheckedContinuation { continuation in
            let isTaken = monitor.announce { state in
                guard !state.isStopped else { return false }
                state.jobs.append(
                    .question(
                        ask: { continuation.resume(returning: body($0)) },
                        dropped: { continuation.resume(returning: nil) }))
                return true
            }
            if !isTaken { continuation.resume(returning: nil) }
        }
    }

    /// Gives a command and waits for its one answer. When the caller is cancelled, `abandoned` is posted.
    func command(
        _ event: @Sendable (CommandID) -> DeviceEvent, abandoned: @escaping @Sendable (CommandID) -> DeviceEvent
    ) async -> CommandReply {
        let id = commands.withLock { state in
            state.last += 1
            return CommandID(state.last)
        }
        let event = event(id)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                commands.withLock { $0.waiting[id] = { continuation.resume(returning: $0) } }
                if monitor.withLock({ $0.isStopped }) { answer(id, .stopped) } else { post(event) }
                // Who was cancelled before this was not heard of yet, or the machine would hear of the end first.
                guard Task.isCancelled else { return }
                post(abandoned(id))
                answer(id, .stopped)
            }
        } onCancel: {
            post(abandoned(id))
            answer(id, .stopped)
        }
    }

    func answer(_ id: CommandID, _ reply: CommandReply) {
        commands.withLock { $0.waiting.removeValue(forKey: id) }?(reply)
    }

    // MARK: The thread

    private func run(
        _ machine: DeviceMachine, _ perform: @Sendable (DeviceEffect, borrowing DeviceMachine) -> Void
    ) {
        var machine = machine
        for effect in machine.start(at: .now()) { perform(effect, machine) }
        var nextTick = Moment.now().monotonicNanoseconds
        while true {
            let now = Moment.now().monotonicNanoseconds
            let due = min(nextTick, machine.nextDeadline ?? .max)
            let wait = due > now ? (due - now + 999_999) / 1_000_000 : 0
            let jobs = take(within: min(wait, Self.tickMilliseconds))
            guard let jobs else { return }
            for job in jobs {
                switch job {
                case .event(let event): for effect in machine.handle(event, at: .now()) { perform(effect, machine) }
                case .question(let ask, _): ask(machine)
                }
            }
            let time = Moment.now().monotonicNanoseconds
            guard time >= min(nextTick, machine.nextDeadline ?? .max) else { continue }
            for effect in machine.handle(.tick, at: .now()) { perform(effect, machine) }
            if time >= nextTick { nextTick = time + Self.tickMilliseconds * 1_000_000 }
        }
    }

    /// What waits, or nothing when the time is over; nil when the engine is stopped.
    private func take(within milliseconds: UInt64) -> [Job]? {
        let deadline = MonotonicTime.milliseconds + milliseconds
        let jobs = monitor.wait(until: deadline) { state -> [Job]?? in
            if state.isStopped { return .some(nil) }
            guard !state.jobs.isEmpty else { return nil }
            defer { state.jobs = [] }
            return state.jobs
        }
        monitor.announce { _ in }
        return jobs ?? []
    }

    /// Questions that can't be answered any more.
    private func drain() {
        let jobs = monitor.announce { state in
            defer { state.jobs = [] }
            return state.jobs
        }
        for case .question(_, let dropped) in jobs { dropped() }
    }
}

/// Milliseconds of the clock that condition variables wait by.
enum MonotonicTime {
    static var milliseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }
}

extension Moment {
    /// The time by this machine's clocks, and fresh chance.
    static func now() -> Moment {
        var monotonic = timespec()
        clock_gettime(CLOCK_BOOTTIME, &monotonic)
        return Moment(
            monotonicNanoseconds: UInt64(monotonic.tv_sec) * 1_000_000_000 + UInt64(monotonic.tv_nsec),
            unixSeconds: Int64(time(nil)), random: UInt64.random(in: 0...UInt64.max))
    }
}
