internal import Glibc
internal import LocalFileSystem
internal import Logging
internal import SyncEngine
internal import SyncModel
internal import TLSTransport

/// The open folders' runners, and over which links they are shared.
final class FolderHub: Sendable {
    private struct Entry {
        var setup: FolderRunner.Setup
        var runner: FolderRunner?
        /// Grows when the folder is closed, so that a late opening is recognised.
        var life: UInt64
        var members: [DeviceID: PeerLink] = [:]
        /// After a failed opening, when to try again.
        var retryAt: UInt64?
    }

    private let state = Monitor((folders: [FolderID: Entry](), life: UInt64(0), isStopped: false))
    private let opener: WorkerThread
    private let watcher: Watcher?
    private let engine: Engine
    private let home: AgentHome
    private let device: DeviceID
    private let start: MachineStart
    private let logger: Logger
    private static let retryMilliseconds: UInt64 = 10_000

    init(
        engine: Engine, home: AgentHome, device: DeviceID, start: MachineStart, logger: Logger
    ) throws {
        (self.engine, self.home, self.device) = (engine, home, device)
        (self.start, self.logger) = (start, logger)
        opener = try WorkerThread(name: "open")
        do {
            watcher = try Watcher { folder, events in
                engine.post(.folder(folder, .watched(events.map(WatchNotice.init))))
            }
        } catch {
            logger.error("changes are not watched", metadata: ["error": "\(error)"])
            watcher = nil
        }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        // What a removed folder leaves is taken away before the end, whatever is waited for until then.
        opener.finish()
        let entries = state.withLock { state in
            defer { state.folders = [:] }
            return state.folders
        }
        for entry in entries.values { entry.runner?.stop() }
        watcher?.stop()
    }

    // MARK: Folders

    func open(_ known: KnownFolder) {
        let setup = FolderRunner.Setup(
            folder: known.folder, device: device, path: known.path, indexPath: home.indexPath(of: known.folder),
            creating: !known.isMade, replaces: known.replaces, start: start, incarnation: known.incarnation)
        let life = state.withLock { state in
            state.life += 1
            let members = state.folders[known.folder]?.members ?? [:]
            state.folders[known.folder] = Entry(setup: setup, life: state.life, members: members)
            return state.life
        }
        opener.post { [self] in openNow(setup, life) }
    }

    private func openNow(_ setup: FolderRunner.Setup, _ life: UInt64) {
        let folder = setup.folder
        let engine = engine
        guard state.withLock({ $0.folders[folder]?.life == life && !$0.isStopped }) else { return }
        do {
            // What comes of it after its end is not for the folder's next life.
            let runner = try FolderRunner(setup, watcher: watcher, logger: logger) { [state] event in
                if state.withLock({ $0.folders[folder]?.life == life }) { engine.post(.folder(folder, event)) }
            }
            let members = state.withLock { state -> [DeviceID: PeerLink]? in
                guard state.folders[folder]?.life == life else { return nil }
                state.folders[folder]?.runner = runner
                state.folders[folder]?.retryAt = nil
                // Once made a folder, its marker must be there at each further opening.
                state.folders[folder]?.setup.creating = false
                state.folders[folder]?.setup.replaces = nil
                return state.folders[folder]?.members
            }
            guard let members else { return runner.stop() }
            for (device, link) in members { runner.share(with: device, over: link) }
            runner.begin()
        } catch {
            logger.error("a folder can't be opened", metadata: ["error": "\(error)"])
            state.withLock { state in
                state.folders[folder]?.retryAt = MonotonicClock.milliseconds + Self.retryMilliseconds
            }
            engine.post(.folder(folder, .unopened(Problem(error))))
        }
    }

    private func close(_ folder: FolderID) {
        guard let entry = state.withLock({ $0.folders.removeValue(forKey: folder) }) else { return }
        for link in entry.members.values { link.unregister(folder) }
        opener.post { entry.runner?.stop() }
    }

    /// The directory is no folder any more, and may become one again.
    func remove(_ folder: FolderID) {
        guard let setup = state.withLock({ $0.folders[folder]?.setup }) else { return }
        close(folder)
        opener.post { [logger, index = home.indexPath(of: folder)] in
            let folders = [folder] + (setup.replaces.map { [$0] } ?? [])
            do { try OpenFolder.forgetMarker(at: setup.path, of: folders) } catch {
                logger.warning("a removed folder keeps its marker", metadata: ["error": "\(error)"])
            }
            IndexFiles.remove(index)
        }
    }

    /// The device was removed, and is a member again: the folder is closed, and may be opened anew (decision 34) once
    /// nothing more comes of it.
    func renew(_ folder: FolderID) {
        let runner = state.withLock { state -> FolderRunner? in
            guard let entry = state.folders[folder] else { return nil }
            state.life += 1
            state.folders[folder] = Entry(setup: entry.setup, life: state.life)
            for link in entry.members.values { link.unregister(folder) }
            return entry.runner
        }
        opener.post { [engine] in
            runner?.stop()
            engine.post(.folderStopped(folder))
        }
    }

    /// The folder goes on under another ID (rule 18). Its marker is replaced when that is opened; its index is of no
    /// more use: it tells nothing that the disk doesn't, since the folder was never shared.
    func rekey(_ old: FolderID, as known: KnownFolder) {
        close(old)
        opener.post { [index = home.indexPath(of: old)] in IndexFiles.remove(index) }
        open(known)
    }

    func perform(_ effect: FolderEffect, in folder: FolderID) {
        state.withLock { $0.folders[folder]?.runner }?.perform(effect)
    }

    func runner(_ folder: FolderID) -> FolderRunner? { state.withLock { $0.folders[folder]?.runner } }

    /// Tries again what could not be opened.
    func tick() {
        let now = MonotonicClock.milliseconds
        let due = state.withLock { state in
            var due: [(FolderRunner.Setup, UInt64)] = []
            for (folder, entry) in state.folders {
                guard let retry = entry.retryAt, retry <= now else { continue }
                state.folders[folder]?.retryAt = nil
                due.append((entry.setup, entry.life))
            }
            return due
        }
        for runner in state.withLock({ $0.folders.values.compactMap(\.runner) }) { runner.tick(now: now) }
        for (setup, life) in due { opener.post { [self] in openNow(setup, life) } }
    }

    // MARK: Members

    func connected(_ device: DeviceID, _ link: PeerLink, to folder: FolderID) {
        let runner = state.withLock { state in
            state.folders[folder]?.members[device] = link
            return state.folders[folder]?.runner
        }
        runner?.share(with: device, over: link)
    }

    func disconnected(_ device: DeviceID, from folder: FolderID) {
        let (link, runner) = state.withLock { state in
            (state.folders[folder]?.members.removeValue(forKey: device), state.folders[folder]?.runner)
        }
        link?.unregister(folder)
        runner?.fetcher.linkClosed(device)
    }
}

extension FolderRunner {
    /// The folder is open on both sides of a link: it is served, and may be asked.
    func share(with device: DeviceID, over link: PeerLink) {
        link.register(services)
        fetcher.linkOpened(device, link)
    }
}

extension WatchNotice {
    init(_ event: WatchEvent) {
        switch event {
        case .closedAfterWriting(let path): self = .closed(path)
        case .modified(let path): self = .modified(path)
        case .changed(let path): self = .changed(path)
        case .rescan(let subtree): self = .rescan(subtree)
        case .left(let directory): self = .left(directory)
        case .rootGone: self = .rescan(nil)
        case .watchLimit(let count): self = .watchLimit(uncovered: count)
        }
    }
}
