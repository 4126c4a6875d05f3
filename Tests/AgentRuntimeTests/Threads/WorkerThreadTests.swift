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
}
