import Testing

@testable import AvahiDiscovery

@Suite struct RetryTests {
    @Test func nothingIsDueBeforeAFailure() {
        var retry = Retry()
        #expect(retry.due == nil)
        #expect(retry.take(now: .max) == false)
    }

    @Test func pausesDoubleUpToTheGreatest() {
        var retry = Retry(leastMilliseconds: 100, greatestMilliseconds: 1_000)
        let pauses = (0..<6).map { _ -> UInt64 in
            retry.failed(now: 10_000)
            return (retry.due ?? 0) - 10_000
        }
        #expect(pauses == [100, 200, 400, 800, 1_000, 1_000])
    }

    @Test func anAttemptIsTakenOnceAndNotEarly() {
        var retry = Retry(leastMilliseconds: 100)
        retry.failed(now: 0)
        #expect(retry.take(now: 99) == false)
        #expect(retry.take(now: 100) == true)
        #expect(retry.take(now: 100) == false)
        #expect(retry.due == nil)
    }

    @Test func successBeginsAgainWithTheLeastPause() {
        var retry = Retry(leastMilliseconds: 100)
        for _ in 0..<5 { retry.failed(now: 0) }
        retry.succeeded()
        #expect(retry.due == nil)
        retry.failed(now: 7)
        #expect(retry.due == 107)
    }
}
