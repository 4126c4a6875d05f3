import ControlAPI

/// The words of a command line, before they are parsed.
enum CommandWords {
    /// The arguments of this process without the program's name. A byte that is no UTF-8 takes the form that
    /// `LocalPath` reads, so that paths keep their bytes; Swift's own list would replace it.
    static func ofProcess() -> [String] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { argument in
                var bytes: [UInt8] = []
                var position = 0
                while argument[position] != 0 {
                    bytes.append(UInt8(bitPattern: argument[position]))
                    position += 1
                }
                return LocalPath(bytes: bytes).text
            }
        }
    }

    /// Whether JSON is asked for. Known before the words are parsed, so that mistakes in them are told as JSON too.
    static func askForJSON(_ words: [String]) -> Bool { words.prefix { $0 != "--" }.contains("--json") }

    /// `--home DIR` and `--json` mean the same wherever they stand, so every command finds them behind its own words.
    /// Words after `--` are left alone.
    static func withGlobalOptionsLast(_ words: [String]) -> [String] {
        let (own, global, rest) = parted(words)
        return own.isEmpty && !global.isEmpty && rest.isEmpty ? ["help"] : own + global + rest
    }

    /// Without them, to find what else is wrong: a command that isn't one knows no options either.
    static func withoutGlobalOptions(_ words: [String]) -> [String] {
        let (own, _, rest) = parted(words)
        return own + rest
    }

    private static func parted(_ words: [String]) -> (own: [String], global: [String], rest: [String]) {
        var own: [String] = []
        var global: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                return (own, global, [word] + rest)
            } else if word == "--json" || word.hasPrefix("--home=") {
                global.append(word)
            } else if word == "--home" {
                // Without its value it stays a mistake.
                guard let directory = rest.popFirst() else { return (own + [word], global, []) }
                global += [word, directory]
            } else {
                own.append(word)
            }
        }
        return (own, global, [])
    }
}
