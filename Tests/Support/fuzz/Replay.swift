#if !FUZZER
    import Foundation
    import Fuzzing

    /// Built without libFuzzer: feeds a target with the inputs given, to see again what was found.
    @main enum Replay {
        static func main() {
            do {
                let command = try FuzzCommand(CommandLine.arguments.dropFirst())
                if try command.prepare() { return }
                guard let target = command.target, !command.paths.isEmpty else { throw Unclear() }
                exit(try replay(try command.inputs(), target) ? 0 : 1)
            } catch is Unclear {
                print(FuzzCommand.usage)
                exit(2)
            } catch {
                print("fuzz: \(error)")
                exit(2)
            }
        }

        private struct Unclear: Error {}

        /// Whether all held. An input that ends the process is the one named last.
        private static func replay(_ inputs: [(file: String, bytes: [UInt8])], _ target: FuzzTarget) throws -> Bool {
            var failures = 0
            for (file, bytes) in inputs {
                print("\(target.name): \(file), \(bytes.count) bytes")
                fflush(nil)
                let began = ContinuousClock.now
                do { try target.check(bytes) } catch {
                    failures += 1
                    print("BROKEN: \(error)")
                }
                let took = ContinuousClock.now - began
                if took > .seconds(1) { print("SLOW: \(took)") }
            }
            return failures == 0
        }
    }
#endif
