import SyncModel
import Testing

@testable import AvahiDiscovery

/// What the daemon is asked to hold.
@Suite struct PublicationTests {
    private var publication = Publication(device: Samples.device(65))

    private func announcement(salt: UInt8 = 0, port: UInt16 = 1, name: String? = "Lanyard") throws -> Announcement {
        try Announcement(port: port, salt: try #require(Samples.salt(salt)), serviceName: name)
    }

    /// The service that an action registers or updates.
    private func service(_ action: Publication.Action) throws -> Publication.Service {
        switch action {
        case .register(let service), .updateText(let service): return service
        case .nothing, .withdraw: throw Samples.Missing()
        }
    }

    @Test mutating func nothingIsPublishedBeforeTheServerRuns() throws {
        #expect(publication.want(try announcement()) == .nothing)
        guard case .register = publication.server(runs: true) else { throw Samples.Missing() }
        #expect(publication.next() == .nothing)
    }

    @Test mutating func aNewSaltUpdatesTheTextAndANewPortRegistersAgain() throws {
        _ = publication.server(runs: true)
        _ = publication.want(try announcement())
        guard case .updateText = publication.want(try announcement(salt: 1)) else { throw Samples.Missing() }
        guard case .register = publication.want(try announcement(salt: 1, port: 2)) else { throw Samples.Missing() }
        guard case .register = publication.want(try announcement(salt: 1, port: 2, name: nil)) else {
            throw Samples.Missing()
        }
    }

    @Test mutating func withdrawingHappensOnce() throws {
        _ = publication.server(runs: true)
        _ = publication.want(try announcement())
        #expect(publication.want(nil) == .withdraw)
        #expect(publication.want(nil) == .nothing)
    }

    @Test mutating func aNameTakenInACollisionStays() throws {
        _ = publication.server(runs: true)
        _ = publication.want(try announcement())
        let second = try service(publication.collided { "\($0) #2" })
        #expect(second.name == "Lanyard #2")
        #expect(try service(publication.want(try announcement(salt: 1))).name == "Lanyard #2")
        #expect(try service(publication.want(try announcement(name: "Other"))).name == "Other")
    }

    @Test mutating func afterAFailureItIsTriedAgain() throws {
        _ = publication.server(runs: true)
        let first = try service(publication.want(try announcement()))
        publication.failed()
        #expect(publication.next() == .register(first))
    }

    @Test mutating func aNewSessionHoldsNothing() throws {
        _ = publication.server(runs: true)
        let first = try service(publication.want(try announcement()))
        publication.sessionEnded()
        #expect(publication.next() == .nothing)
        #expect(publication.server(runs: true) == .register(first))
    }
}
