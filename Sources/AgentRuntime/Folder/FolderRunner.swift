internal import LocalFileSystem
internal import Logging
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel
internal import Synchronization
internal import TLSTransport
internal import WireProtocol

/// Carries out what a folder's machine decides: its index and its disk on one thread (the lane), looking at the disk on
/// others, contents by a fetcher. Answers come back as events; nothing is decided here.
final class FolderRunner: Sendable {
    /// What a runner is made of.
    struct Setup: Sendable {
        var folder: FolderID
        var device: DeviceID
        /// Absolute; bytes as the file system has them.
        var path: [UInt8]
        /// Where the folder's index is.
        var indexPath: String
        /// Whether the directory may be made, and made a folder.
        var creating: Bool
        /// A folder of this device that goes on as this one, and whose marker the directory may bear.
        var replaces: FolderID?
        /// The machine's last start.
        var start: MachineStart
        /// Which of the device's memberships it is: an index of an earlier one is of no more use.
        var incarnation: UInt64 = 1
    }

    let setup: Setup
    let disk: FolderDisk
    let services: FolderServices
    let fetcher: Fetcher
    let observer: DiskObserver
    let lane: WorkerThread
    let logger: Logger
    let post: @Sendable (FolderEvent) -> Void
    /// When `begin` is to be tried again, in milliseconds; nil if it did what it is to do.
    private let retryAt = Mutex<UInt64?>(nil)
    /// Whether a flush failed, and what it was about was not read since.
    private let isDoubted = Mutex(false)
    private static let retryMilliseconds: UInt64 = 10_000

    /// Opens the folder; blocks. Nothing happens before `begin`.
    init(
        _ setup: Setup, watcher: Watcher?, logger: Logger, post: @escaping @Sendable (FolderEvent) -> Void
    ) throws {
        self.setup = setup
        self.logger = logger
        self.post = post
        disk = try FolderDisk(setup, logger: logger)
        let disk = disk
        let inline = InlineStore()
        services = try FolderServices(
            folder: setup.folder, device: setup.device, files: disk.folder, stage: disk.stage, inline: inline,
            status: disk.index.status, makeReader: { () throws(IndexError) in try disk.index.makeReader() })
        lane = try WorkerThread(name: "folder", limit: 4_096)
        observer = try DiskObserver(
            folder: setup.folder, disk: disk, watcher: watcher, logger: logger, post: post)
        let (lane, services) = (lane, services)
        fetcher = try Fetcher(services: services, logger: logger) { event in
            lane.post { disk.fetched(event, post) }
        }
    }

    /// Mends what a crash left, and ends with the event `opened`: once, when effects find their way to this runner.
    func begin() {
        let (disk, post) = (disk, post)
        lane.post { [self] in
            if disk.recover(since: disk.start, afterFailedFlush: isDoubted.withLock { $0 }, post) {
                return isDoubted.withLock { $0 = false }
            }
            retryAt.withLock { $0 = MonotonicClock.milliseconds + Self.retryMilliseconds }
        }
    }

    /// About once a second.
    func tick(now: UInt64) {
        fetcher.tick(now: now)
        let isDue = retryAt.withLock { retryAt in
            guard let due = retryAt, due <= now else { return false }
            retryAt = nil
            return true
        }
        if isDue { begin() }
    }

    /// Any thread.
    func perform(_ effect: FolderEffect) {
        logger.trace("effect", metadata: ["folder": "\(setup.folder)", "effect": "\(FolderTrace.text(effect))"])
        let (disk, post, services) = (disk, post, services)
        switch effect {
        case .load(let ticket, let paths, let below):
            onLane(ticket) { post(.loaded(ticket, try disk.load(paths, below: below))) }
        case .loadStanding(let ticket, let directories, let gone):
            onLane(ticket) { post(.loaded(ticket, try disk.loadStanding(below: directories, gone: gone))) }
        case .loadLocal(let ticket, let path, let limit):
            onLane(ticket) { post(.loaded(ticket, try disk.loadLocal(after: path, limit: limit))) }
        case .loadUnsettled(let ticket, let path, let limit):
            onLane(ticket) { post(.loaded(ticket, try disk.loadUnsettled(after: path, limit: limit))) }
        case .loadRange(let ticket, let first, let last, let limit):
            onLane(ticket) { post(.loaded(ticket, try disk.load(from: first, to: last, limit: limit))) }
        case .loadNeeds(let ticket, let state, let path, let limit):
            onLane(ticket) { post(.needsLoaded(ticket, try disk.reader.needs(state, after: path, limit: limit))) }
        case .loadDigests(let ticket, let domain):
            onLane(ticket) { post(.digestsLoaded(ticket, try disk.digests(domain))) }
        case .loadItems(let ticket, let domain, let bucket, let after):
            onLane(ticket) {
                let page = try disk.reader.records(domain, ofBucket: Int(bucket), after: after)
                post(.itemsLoaded(ticket, page.entries.map { BucketListing.Item($0) }, next: page.next))
            }
        case .loadHeld(let ticket, let contents):
            onLane(ticket) { post(.heldLoaded(ticket, try disk.held(contents))) }
        case .checkMark(let device, let mark): check(mark, of: device)
        case .loadDeletions(let ticket, let path, let limit):
            onLane(ticket) {
                let rows = try disk.reader.collectable(after: path, limit: limit)
                post(.deletionsLoaded(ticket, rows, next: rows.count < limit ? nil : rows.last?.record.path))
            }
        case .commit(let ticket, let transaction):
            onLane(ticket) {
                let committed = try disk.commit(transaction)
                // In this order: what a peer says of our log is heard after the commit that it is about.
                post(.committed(ticket, committed))
                services.logGrew(status: committed.status)
            }
        case .execute(let ticket, let steps):
            onLane(ticket) { post(.executed(ticket, try disk.execute(steps, inline: services.inline))) }
        case .flush(let ticket):
            onLane(ticket) {
                try disk.applier.flush()
                post(.flushed(ticket))
            }
        case .reopen:
            isDoubted.withLock { $0 = true }
            begin()
        case .scan(let subtree): observer.scan(subtree)
        case .read(let due): observer.read(due)
        case .tookObservations: observer.tookObservations()
        case .fetch(let wanted): fetch(wanted)
        case .cancelFetch(let content): fetcher.cancel(content)
        case .releaseInline(let handles): for handle in handles { services.inline.release(InlineHandle(handle)) }
        case .send, .disconnect, .signRelease, .changed: break
        }
    }

    private func onLane(_ ticket: Ticket, _ body: @escaping @Sendable () throws -> Void) {
        let (post, logger) = (post, logger)
        let isTaken = lane.post {
            do { try body() } catch {
                logger.error("a folder's task failed", metadata: ["error": "\(error)"])
                post(.failed(ticket, Problem(error)))
            }
        }
        // Without an answer the machine would wait for ever; after the end it hears nothing.
        if !isTaken, !lane.isStopped {
            post(.failed(ticket, Problem(path: nil, kind: .other, message: "Too much waits for the folder's disk.")))
        }
    }

    private func check(_ mark: LogMark, of device: DeviceID) {
        let (disk, post, logger) = (disk, post, logger)
        lane.post {
            do {
                switch try disk.reader.check(mark) {
                case .known, .forgotten: break
                case .ahead, .forked: post(.markRefused(device))
                }
            } catch {
                logger.error("a member's place in the log can't be checked", metadata: ["error": "\(error)"])
            }
        }
    }

    private func fetch(_ wanted: WantedContent) {
        let order = FetchOrder(
            content: wanted.content, path: wanted.path,
            sources: wanted.sources.map { FetchSource(device: $0, path: wanted.former.first ?? wanted.path) },
            similar: wanted.similar,
            former: wanted.former, priority: wanted.content.size <= UInt64(Limits.requestBytes) ? .normal : .bulk)
        logger.debug("a content is fetched", metadata: ["content": "\(wanted.content.hash)", "path": "\(wanted.path)"])
        if !fetcher.start(order) { post(.fetchFailed(wanted.content, .noSource)) }
    }

    /// Any thread; blocks until everything has ended. No event comes afterwards.
    func stop() {
        observer.stop()
        fetcher.stop()
        lane.stop()
        lane.join()
        services.close()
        disk.close()
    }
}

extension Problem {
    /// What a task that failed as a whole means for the folder.
    init(_ error: any Error) {
        switch error {
        case let error as FileSystemError: self.init(path: nil, kind: error.problemKind, message: error.message)
        case let error as IndexError:
            let kind: Problem.Kind = error.code == .diskFull ? .diskFull : .inputOutput
            self.init(path: nil, kind: kind, message: error.description)
        default: self.init(path: nil, kind: .other, message: "\(error)")
        }
    }
}
