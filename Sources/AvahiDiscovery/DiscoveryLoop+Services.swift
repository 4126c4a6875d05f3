internal import CAvahi
internal import SyncModel

/// Services: ours, and those of others.
extension DiscoveryLoop {
    /// Names tried in a row before the daemon is asked again later.
    private static let localNames = 32

    func handle(_ input: AvahiInput) {
        switch input {
        case .client(let state, let error): handleClient(state, error: error)
        case .group(let state, let error): handleGroup(state, error: error)
        case .appeared(let key): follow(key)
        case .vanished(let key):
            followed.removeValue(forKey: key)
            session?.stopResolving(key)
            emit(table.removed(key))
        case .browserFailed(let error): disconnect(AvahiSession.failure(error))
        case .resolved(let key, let resolution):
            guard followed[key] != nil else { return }
            followed[key]?.succeeded()
            emit(table.resolved(key, resolution))
        case .unresolved(let key, _): resolutionFailed(key)
        }
    }

    /// Brings the daemon to hold what is wanted. A name that another service of this machine has is refused at once.
    func perform(_ first: Publication.Action) {
        guard let session else { return }
        var action = first
        for _ in 0..<Self.localNames {
            let result: Int32
            switch action {
            case .nothing: return
            case .withdraw:
                session.withdraw()
                publishFailure = nil
                return
            case .register(let service): result = session.register(service)
            case .updateText(let service): result = session.updateText(service)
            }
            if result >= 0 { return }
            guard result == Int32(AVAHI_ERR_COLLISION) else { return publishingFailed(result) }
            action = publication.collided(alternative: AvahiSession.alternativeName)
        }
        publishingFailed(Int32(AVAHI_ERR_COLLISION))
    }

    func resolve(_ key: ServiceKey) {
        if let failure = session?.resolve(key), failure < 0 { resolutionFailed(key) }
    }

    private func handleGroup(_ state: AvahiEntryGroupState, error: Int32) {
        switch state {
        case AVAHI_ENTRY_GROUP_ESTABLISHED:
            publishFailure = nil
            republish.succeeded()
        case AVAHI_ENTRY_GROUP_COLLISION: perform(publication.collided(alternative: AvahiSession.alternativeName))
        case AVAHI_ENTRY_GROUP_FAILURE: publishingFailed(error)
        default: return
        }
    }

    private func publishingFailed(_ error: Int32) {
        publication.failed()
        publishFailure = .publishRefused(AvahiSession.text(of: error), cause: error)
        republish.failed(now: monotonicMilliseconds())
    }

    private func follow(_ key: ServiceKey) {
        guard followed[key] == nil else { return }
        guard followed.count < Limits.discoveredServices else {
            return emit([
                .refused(
                    DiscoveryError(
                        .tooManyServices,
                        """
                        More than \(Limits.discoveredServices) services of \(AvahiSession.serviceType) are announced; \
                        \(String(reflecting: key.name)) is passed over.
                        """))
            ])
        }
        followed[key] = Retry(leastMilliseconds: 2_000, greatestMilliseconds: 60_000)
        resolve(key)
    }

    /// Its records ran out or never came: it may be back before the browser notices that it was gone.
    private func resolutionFailed(_ key: ServiceKey) {
        session?.stopResolving(key)
        followed[key]?.failed(now: monotonicMilliseconds())
        emit(table.removed(key))
    }
}
