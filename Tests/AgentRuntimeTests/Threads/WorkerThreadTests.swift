import Testing

@testable import AgentRuntime

@Suite struct WorkerThreadTests {
    @Test func jobsRunInTheirOrder() throws {
        let worker = try WorkerThread(name: "test", limit: 16)
        let seen = Monitor<[Int]>([])
        for number in 0..<5_000 { #expect(worker.postWaiting { seen.announce { $0.append(number) } }) }
        _ = seen.wait { $0.count == 5_000 ? true : nil }
        #expect(seen.withLock { $0 } == Array(0..<5_000))
        worker.stop()
        worker.join()
    }

    @Test func theQueueIsBoundedButForItsOwnJobs() throws {
        let worker = try WorkerThread(name: "test", limit: 2)
        let gate = Monitor(false)
        let ran = Monitor(0)
        worker.post {
            #expect(worker.isCurrent)
            _ = gate.wait { $0 ? true : nil }
            for _ in 0..<10 { #expect(worker.post { ran.announce { $0 += 1 } }) }
        }
        // Once the first runs, two may wait.
        var taken = 0
        while taken < 2 { if worker.post({ ran.announce { $0 += 1 } }) { taken += 1 } }
        while worker.post({ ran.announce { $0 += 1 } }) { taken += 1 }
        #expect(!worker.post {})
        #expect(taken <= 3)
        gate.announce { $0 = true }
        _ = ran.wait { $0 == taken + 10 ? true : nil }
        #expect(!worker.isCurrent)
        worker.stop()
        worker.join()
    }

    @Test func afterStopNothingIsTakenAndTheThreadEnds() throws {
        let worker = try WorkerThread(name: "test")
        let ran = Monitor(0)
        worker.post {
            worker.stop()
            worker.post { ran.announce { $0 += 1 } }
            worker.join()
        }
        worker.join()
        #expect(!worker.post {})
        #expect(!worker.postWaiting {})
        #expect(ran.withLock { $0 } == 0)
    }

    /// A job that was dropped may have been the last to hold what owns the thread, which then ends with it.
    @Test func whatDroppedJobsHeldGoesAndTheThreadEnds() throws {
        final class Owner: Sendable {
            let worker: WorkerThread
            init() throws { worker = try WorkerThread(name: "owned") }
            func post() { worker.post { _ = self } }
        }
        final class Sentinel: Sendable {
            let gone: Monitor<Bool>
            init(_ gone: Monitor<Bool>) { self.gone = gone }
            deinit { gone.announce { $0 = true } }
        }
        let (gate, gone) = (Monitor(false), Monitor(false))
        do {
            let owner = try Owner()
            owner.worker.post { _ = gate.wait(until: patience()) { $0 ? true : nil } }
            owner.post()
            let sentinel = Sentinel(gone)
            owner.worker.post { _ = sentinel }
            owner.worker.stop()
        }
        gate.announce { $0 = true }
        #expect(gone.wait(until: patience()) { $0 ? true : nil } == true)
    }

    @Test func whoWaitsForRoomIsToldOfTheEnd() throws {
        let worker = try WorkerThread(name: "test", limit: 1)
        let (gate, begun, answers) = (Monitor(false), Monitor(false), Monitor([Bool]()))
        worker.post {
            begun.announce { $0 = true }
            _ = gate.wait { $0 ? true : nil }
        }
        _ = begun.wait { $0 ? true : nil }
        #expect(worker.post {})
        let waiters = try (0..<3).map { try WorkerThread(name: "wait\($0)") }
        for waiter in waiters {
            waiter.post {
                let isTaken = worker.postWaiting {}
                answers.announce { $0.append(isTaken) }
            }
        }
        worker.stop()
        #expect(answers.wait(until: patience()) { $0.count == 3 ? $0 : nil } == [false, false, false])
        gate.announce { $0 = true }
        worker.join()
        for waiter in waiters {
            waiter.stop()
            waiter.join()
        }
    }

    @Test func aJobsOwnJobsRunAfterThoseThatWaited() throws {
        let worker = try WorkerThread(name: "test")
        let seen = Monitor([Int]())
        let gate = Monitor(false)
        worker.post {
            _ = gate.wait { $0 ? true : nil }
            worker.post { seen.announce { $0.append(2) } }
        }
        worker.post { seen.announce { $0.append(1) } }
        gate.announce { $0 = true }
        #expect(seen.wait(until: patience()) { $0.count == 2 ? $0 : nil } == [1, 2])
        worker.stop()
        worker.join()
    }

    /// Many threads post, each in its own order, while jobs are taken: none is lost or doubled.
    @Test(arguments: [1, 2, 3, 1_000]) func manyWhoPostKeepTheirOwnOrder(limit: Int) throws {
        let worker = try WorkerThread(name: "test", limit: limit)
        let seen = Monitor([Int: [Int]]())
        let (posters, each) = (4, 700)
        let threads = try (0..<posters).map { try WorkerThread(name: "post\($0)") }
        for (poster, thread) in threads.enumerated() {
            thread.post {
                for number in 0..<each {
                    worker.postWaiting { seen.announce { $0[poster, default: []].append(number) } }
                }
            }
        }
        let all = try #require(
            seen.wait(until: patience()) { $0.values.reduce(0) { $0 + $1.count } == posters * each ? $0 : nil })
        for poster in 0..<posters { #expect(all[poster] == Array(0..<each)) }
        for thread in threads + [worker] {
            thread.stop()
            thread.join()
        }
    }

    @Test func aMonitorsDeadlineIsKeptAndItsLastLookCounts() {
        let monitor = Monitor(1)
        // A deadline that is over: one look, no waiting.
        #expect(monitor.wait(until: 0) { $0 == 1 ? "there" : nil } == "there")
        #expect(monitor.wait(until: 0) { $0 == 2 ? "there" : nil } == nil)
        struct Failure: Error {}
        #expect(throws: Failure.self) { try monitor.announce { _ in throw Failure() } }
        // It is open again after a throw.
        #expect(monitor.withLock { $0 } == 1)
    }
}
