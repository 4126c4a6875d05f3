#if FUZZER
    import Fuzzing
    import Glibc

    // What libFuzzer, whose `main` this program then has, calls: see `Config/fuzz`.

    /// Reads the words that libFuzzer passes over, those with two hyphens.
    @_cdecl("LLVMFuzzerInitialize")
    public func initialize(
        _ count: UnsafeMutablePointer<CInt>,
        _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>
    ) -> CInt {
        do {
            let command = try FuzzCommand((1..<Int(count.pointee)).map { String(cString: words.pointee[$0]) })
            if try command.prepare() { exit(0) }
            guard let target = command.target else { throw Unclear() }
            Fuzzer.target = target
            HeapMeter.install()
            return 0
        } catch {
            say("fuzz: \(error is Unclear ? FuzzCommand.usage : "\(error)")")
            exit(2)
        }
    }

    private struct Unclear: Error {}

    private func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        Fuzzer.take(Array(UnsafeBufferPointer(start: start, count: count)))
        return 0
    }

    private enum Fuzzer {
        nonisolated(unsafe) static var target: FuzzTarget?
        nonisolated(unsafe) private static var taken = 0
        /// Time of this thread's own, so that a busy machine makes no find.
        private static let greatestNanoseconds: UInt64 = 1_000_000_000
        /// Types and tables that are made at their first use are not counted.
        private static let warmUp = 200

        static func take(_ input: [UInt8]) {
            guard let target else { return }
            taken += 1
            let began = nanoseconds()
            HeapMeter.start()
            do { try target.check(input) } catch { find("\(error)") }
            let heapBytes = HeapMeter.stop()
            let took = nanoseconds() - began
            if took > greatestNanoseconds { find("\(input.count) bytes took \(took / 1_000_000) ms") }
            let bound = target.heapBytes(input.count)
            if taken > warmUp, heapBytes > bound {
                find("\(input.count) bytes took \(heapBytes) bytes of memory, \(bound) are the bound")
            }
        }

        /// libFuzzer keeps the input when the process ends by a signal.
        private static func find(_ what: String) {
            say("BROKEN: \(what)")
            abort()
        }

        private static func nanoseconds() -> UInt64 {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        }
    }

    /// How much memory is live at once, by the hooks of the sanitizer.
    private enum HeapMeter {
        nonisolated(unsafe) static var live = 0
        nonisolated(unsafe) static var greatest = 0

        static func install() {
            _ = installHooks(
                { _, count in
                    HeapMeter.live += count
                    if HeapMeter.live > HeapMeter.greatest { HeapMeter.greatest = HeapMeter.live }
                },
                { pointer in if let pointer { HeapMeter.live -= allocatedSize(pointer) } })
        }

        static func start() { (live, greatest) = (0, 0) }
        static func stop() -> Int { greatest }
    }

    @_silgen_name("__sanitizer_install_malloc_and_free_hooks")
    private func installHooks(
        _ allocated: @convention(c) (UnsafeRawPointer?, Int) -> Void,
        _ freed: @convention(c) (UnsafeRawPointer?) -> Void
    ) -> CInt

    @_silgen_name("__sanitizer_get_allocated_size")
    private func allocatedSize(_ pointer: UnsafeRawPointer) -> Int
#endif
