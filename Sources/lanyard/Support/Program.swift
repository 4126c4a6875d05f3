import ArgumentParser
import ControlAPI
import Glibc

/// One run of the program, from words to an exit status.
enum Program {
    static func run(_ words: [String]) async -> Int32 {
        let asJSON = CommandWords.askForJSON(words)
        do {
            var command = try Lanyard.parseAsRoot(CommandWords.withGlobalOptionsLast(words))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
                return ExitStatus.success.rawValue
            }
            try command.run()
            return written(ExitStatus.success.rawValue, asJSON)
        } catch let error as ControlError {
            return tell(error, asJSON)
        } catch let code as ExitCode {
            return written(code.rawValue, asJSON)
        } catch {
            return parsing(mistake(in: words) ?? error, asJSON)
        }
    }

    /// A script must not take half an answer for a whole one.
    private static func written(_ status: Int32, _ asJSON: Bool) -> Int32 {
        guard Console.outputError != 0 else { return status }
        let reason = String(cString: strerror(Console.outputError))
        return tell(ControlError(.failed, "the answer can't be written to standard output: \(reason)"), asJSON)
    }

    private static func tell(_ error: ControlError, _ asJSON: Bool) -> Int32 {
        Console.error(asJSON ? json(error) : "lanyard: \(DisplayText.printableLines(error.message))")
        return error.exitStatus.rawValue
    }

    /// What is wrong with the words also without the options that every command has.
    private static func mistake(in words: [String]) -> (any Error)? {
        do { _ = try Lanyard.parseAsRoot(CommandWords.withoutGlobalOptions(words)) } catch { return error }
        return nil
    }

    /// Help that was asked for goes to standard output, anything else is a mistake in the words.
    private static func parsing(_ error: any Error, _ asJSON: Bool) -> Int32 {
        guard Lanyard.exitCode(for: error) == .success else {
            if asJSON { return tell(ControlError(.malformed, Lanyard.message(for: error)), true) }
            Console.error(DisplayText.printableLines(Lanyard.fullMessage(for: error)))
            return ExitStatus.usage.rawValue
        }
        Console.line(Lanyard.fullMessage(for: error))
        return written(ExitStatus.success.rawValue, asJSON)
    }

    private static func json(_ error: ControlError) -> String {
        do { return try ControlJSON.text(error) } catch { return error.message }
    }
}

/// The answer is no, and has been printed.
let negativeAnswer = ExitCode(ExitStatus.negative.rawValue)
