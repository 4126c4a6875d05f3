import ArgumentParser
import ControlAPI

/// One run of the program, from words to an exit status.
enum Program {
    static func run(_ words: [String]) async -> Int32 {
        do {
            var command = try Lanyard.parseAsRoot(CommandWords.withGlobalOptionsLast(words))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitStatus.success.rawValue
        } catch let error as ControlError {
            Console.error(
                words.contains("--json") ? json(error) : "lanyard: \(DisplayText.printableLines(error.message))")
            return error.exitStatus.rawValue
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            return parsing(error)
        }
    }

    /// Help that was asked for goes to standard output, anything else is a mistake in the words.
    private static func parsing(_ error: any Error) -> Int32 {
        let message = Lanyard.fullMessage(for: error)
        guard Lanyard.exitCode(for: error) == .success else {
            Console.error(message)
            return ExitStatus.usage.rawValue
        }
        Console.line(message)
        return ExitStatus.success.rawValue
    }

    private static func json(_ error: ControlError) -> String {
        do { return try ControlJSON.text(error) } catch { return error.message }
    }
}

/// The answer is no, and has been printed.
let negativeAnswer = ExitCode(ExitStatus.negative.rawValue)
