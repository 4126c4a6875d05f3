import Cryptography
import SyncCore
import SyncEngine
import SyncModel
import TLSTransport
import Testing

@testable import AgentRuntime

/// The engine's thread: every question and every command has one answer, whenever it ends.
@Suite struct EngineTests {
    private func machine() throws -> DeviceMachine {
        let identity = try Identity.ephemeral()
        let key = identity.key
        let peers = PeersMachine(
            identity: PeersIdentity(
                device: identity.deviceID, name: "test", publicKey: key.publicKeyInfo,
                sign: { (try? key.sign($0)) ?? [] }, verify: { _, _, _ in true }),
            store: PeersStore(), seed: .zero)
        return DeviceMachine(peers: peers) { SHA256.hash($0) }
    }

    /// What a task gives, awaited without trusting that it ends.
    private func outcome<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Monitor<Value?> {
        let monitor = Monitor<Value?>(nil)
        Task {
            let value = await body()
            monitor.announce { $0 = value }
        }
        return monitor
    }

    private func stop(_ engine: Engine) throws -> Monitor<Bool> {
        let stopper = try WorkerThread(name: "stopper")
        let isOver = Monitor(false)
        stopper.post {
            engine.stop()
            isOver.announce { $0 = true }
            stopper.stop()
        }
        return isOver
    }

    /// Keeps the engine's thread busy until the gate opens.
    private func block(_ engine: Engine, _ gate: Monitor<Bool>) {
        let begun = Monitor(false)
        _ = outcome {
            await engine.read { _ in
                begun.announce { $0 = true }
                _ = gate.wait(until: patience()) { $0 ? true : nil }
            }
        }
        _ = begun.wait(until: patience()) { $0 ? true : nil }
    }

    @Test func questionsAreAnsweredBetweenEventsInTheirOrder() async throws {
        let engine = try Engine()
        // What comes before the start waits for it.
        let early = outcome { await engine.read { $0.generation } }
        engine.start(try machine()) { _, _ in }
        #expect(early.wait(until: patience()) { $0 }?.map { $0 >= 0 } == true)
        let before = try #require(await engine.read { $0.generation })
        for _ in 0..<100 { engine.post(.peers(.networkChanged)) }
        let after = try #require(await engine.read { $0.generation })
        #expect(after >= before + 100)
        #expect(try stop(engine).wait(until: patience()) { $0 ? true : nil } == true)
        #expect(await engine.read { $0.generation } == nil)
    }

    @Test func whatIsAskedWhileItStopsIsAnsweredToo() throws {
        let engine = try Engine()
        engine.start(try machine()) { _, _ in }
        let gate = Monitor(false)
        block(engine, gate)
        let question = outcome { await engine.read { $0.generation } }
        let command = outcome {
            await engine.command({ .peers(.command($0, .startPairing(nil))) }, abandoned: { .abandonWait($0) })
        }
        let isOver = try stop(engine)
        gate.announce { $0 = true }
        #expect(isOver.wait(until: patience()) { $0 ? true : nil } == true)
        #expect(question.wait(until: patience()) { $0 } != nil)
        guard case .stopped?? = command.wait(until: patience(), { $0.map { .some($0) } }) else {
            return #expect(Bool(false), "the command has another answer")
        }
    }

    @Test func oneThatNeverStartedAnswersWhenItStops() throws {
        let engine = try Engine()
        let asked = Monitor(0)
        let questions = (0..<20).map { _ in
            outcome {
                asked.announce { $0 += 1 }
                return await engine.read { $0.generation }
            }
        }
        _ = asked.wait(until: patience()) { $0 == 20 ? true : nil }
        engine.stop()
        for question in questions { #expect(question.wait(until: patience()) { $0 } == .some(.none)) }
    }

    @Test func whoWaitsForRoomIsLetGoAtTheEnd() throws {
        let engine = try Engine()
        engine.start(try machine()) { _, _ in }
        let gate = Monitor(false)
        block(engine, gate)
        let flood = try WorkerThread(name: "flood")
        let posted = Monitor(0)
        flood.post {
            for _ in 0..<10_000 {
                engine.postWaiting(.peers(.networkChanged))
                posted.announce { $0 += 1 }
            }
            posted.announce { $0 = .max }
        }
        _ = posted.wait(until: patience()) { $0 >= 4_096 ? true : nil }
        #expect(posted.withLock { $0 } < 10_000)
        let isOver = try stop(engine)
        #expect(posted.wait(until: patience()) { $0 == .max ? true : nil } == true)
        gate.announce { $0 = true }
        #expect(isOver.wait(until: patience()) { $0 ? true : nil } == true)
        flood.stop()
        flood.join()
    }

    /// Whenever its giver is cancelled, before it was given or while it waits: it ends, and the machine is told last.
    @Test(arguments: [true, false]) func aCommandWhoseGiverIsGoneIsAbandoned(atOnce: Bool) async throws {
        let engine = try Engine()
        engine.start(try machine()) { _, _ in }
        let seen = Monitor([String]())
        let ended = Monitor(false)
        let task = Task {
            if atOnce { withUnsafeCurrentTask { $0?.cancel() } }
            let reply = await engine.command(
                { id in
                    seen.announce { $0.append("given") }
                    return .wait(id, WaitOrder(folders: [], devices: [DeviceID(.zero)], deadline: .max))
                },
                abandoned: { id in
                    seen.announce { $0.append("abandoned") }
                    return .abandonWait(id)
                })
            if case .stopped = reply { ended.announce { $0 = true } }
        }
        if !atOnce {
            _ = seen.wait(until: patience()) { $0.isEmpty ? nil : true }
            task.cancel()
        }
        #expect(ended.wait(until: patience()) { $0 ? true : nil } == true)
        #expect(seen.withLock { $0.last } == "abandoned")
        #expect(try stop(engine).wait(until: patience()) { $0 ? true : nil } == true)
    }

    @Test func anAnswerCountsOnce() async throws {
        let engine = try Engine()
        let ids = Monitor([CommandID]())
        let command = outcome {
            await engine.command(
                { id in
                    ids.announce { $0.append(id) }
                    return .abandonWait(id)
                }, abandoned: { .abandonWait($0) })
        }
        let id = try #require(ids.wait(until: patience()) { $0.first })
        // It is heard of once it waits.
        _ = eventually {
            engine.answer(id, .peers(.success(.done)))
            return command.withLock { $0 != nil }
        }
        engine.answer(id, .stopped)
        guard case .peers(.success(.done))? = command.withLock({ $0 }) else { return #expect(Bool(false)) }
        engine.stop()
    }
}
