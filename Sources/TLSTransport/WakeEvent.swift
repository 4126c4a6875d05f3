internal import CSocket
internal import Glibc

/// A descriptor that another thread can make readable: it ends a poll(2).
struct WakeEvent: Sendable {
    let descriptor: Int32

    init() throws(TransportError) {
        descriptor = lanyard_eventfd()
        guard descriptor >= 0 else {
            throw .init(.outOfResources, "No event descriptor is left; raise the limit of open files.", number: errno)
        }
    }

    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    func close() { _ = Glibc.close(descriptor) }
}
