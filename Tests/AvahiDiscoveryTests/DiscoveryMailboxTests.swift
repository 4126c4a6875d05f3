import CAvahi
import Glibc
import Testing

@testable import AvahiDiscovery

/// Orders end the loop's wait, whenever they come: Avahi forgets a bell that rang before it.
@Suite struct DiscoveryMailboxTests {
    @Test(arguments: [true, false]) func whatWasAskedBeforeTheWaitEndsIt(stops: Bool) throws {
        let poll = try #require(avahi_simple_poll_new())
        defer { avahi_simple_poll_free(poll) }
        let mailbox = DiscoveryMailbox(poll: .init(pointer: poll))
        #expect(mailbox.take().isOpen == false)
        // Between the loop's look at its orders and its wait.
        if stops { mailbox.stop() } else { mailbox.announce(nil) }
        var began = timespec()
        clock_gettime(CLOCK_MONOTONIC, &began)
        #expect(mailbox.wait(poll, milliseconds: 30_000) == 0)
        var ended = timespec()
        clock_gettime(CLOCK_MONOTONIC, &ended)
        #expect(ended.tv_sec - began.tv_sec < 20)
        #expect(mailbox.take().isOpen)
        // What was taken rings no more.
        if !stops { #expect(!mailbox.take().isOpen) }
    }

    @Test func withoutOrdersTheWaitEndsInTime() throws {
        let poll = try #require(avahi_simple_poll_new())
        defer { avahi_simple_poll_free(poll) }
        #expect(DiscoveryMailbox(poll: .init(pointer: poll)).wait(poll, milliseconds: 1) == 0)
    }
}
