/// A compiled wildcard pattern of gitignore, matched against whole byte strings.
///
/// The matcher follows all states at once: its cost is at most the pattern's length times the text's, for any pattern.
/// Its language is that of git's `wildmatch` with `WM_PATHNAME`: `*`, `?` and classes never match `/`, `**` between
/// slashes does.
struct Glob: Hashable, Sendable {
    private enum Token: Hashable, Sendable {
        case byte(UInt8)
        /// One byte of the set.
        case set(ByteSet)
        /// Any bytes but `/`.
        case star
        /// Any bytes. With `skipsSlash`, it and the slash after it may also match nothing.
        case starStar(skipsSlash: Bool)
        /// Nothing: a malformed class, or a backslash at the end.
        case never
    }

    private let tokens: [Token]

    /// Compiles `pattern`; every byte string is a pattern, though malformed ones match nothing.
    init(_ pattern: ArraySlice<UInt8>) {
        var parser = Parser(pattern: pattern)
        tokens = parser.parse()
    }

    func matches(_ text: ArraySlice<UInt8>) -> Bool {
        let words = tokens.count / 64 + 1
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words * 2) { storage in
            storage.initialize(repeating: 0)
            var current = UnsafeMutableBufferPointer(rebasing: storage[..<words])
            var next = UnsafeMutableBufferPointer(rebasing: storage[words...])
            add(0, to: current)
            for byte in text {
                guard step(byte, from: current, to: next) else { return false }
                swap(&current, &next)
                next.update(repeating: 0)
            }
            return current[tokens.count / 64] >> UInt64(tokens.count % 64) & 1 == 1
        }
    }

    /// The states after one byte; false if there is none.
    private func step(
        _ byte: UInt8, from current: UnsafeMutableBufferPointer<UInt64>, to next: UnsafeMutableBufferPointer<UInt64>
    ) -> Bool {
        var alive = false
        for word in current.indices {
            var bits = current[word]
            while bits != 0 {
                let state = word * 64 + bits.trailingZeroBitCount
                bits &= bits - 1
                guard state < tokens.count else { continue }
                guard consumes(byte, at: state) else { continue }
                alive = true
                switch tokens[state] {
                case .star, .starStar:
                    // Once it holds bytes, the slash after it is no longer skipped.
                    next[state / 64] |= 1 << UInt64(state % 64)
                    add(state + 1, to: next)
                default: add(state + 1, to: next)
                }
            }
        }
        return alive
    }

    private func consumes(_ byte: UInt8, at state: Int) -> Bool {
        switch tokens[state] {
        case .byte(let expected): byte == expected
        case .set(let set): set.contains(byte)
        case .star: byte != UInt8(ascii: "/")
        case .starStar: true
        case .never: false
        }
    }

    /// Adds a state and those that are reached from it without a byte.
    private func add(_ state: Int, to states: UnsafeMutableBufferPointer<UInt64>) {
        var state = state
        while true {
            states[state / 64] |= 1 << UInt64(state % 64)
            guard state < tokens.count else { return }
            switch tokens[state] {
            case .star, .starStar(skipsSlash: false): state += 1
            case .starStar(skipsSlash: true):
                states[(state + 1) / 64] |= 1 << UInt64((state + 1) % 64)
                state += 2
            default: return
            }
        }
    }
}

extension Glob {
    private struct Parser {
        let pattern: ArraySlice<UInt8>
        var index: Int

        init(pattern: ArraySlice<UInt8>) {
            self.pattern = pattern
            index = pattern.startIndex
        }

        private static let slash = UInt8(ascii: "/")
        private static let notSlash: ByteSet = {
            var set = ByteSet()
            set.insert(slash)
            return set.inverted
        }()

        mutating func parse() -> [Token] {
            var tokens: [Token] = []
            while let byte = next() {
                switch byte {
                case UInt8(ascii: "*"): tokens.append(stars())
                case UInt8(ascii: "?"): tokens.append(.set(Self.notSlash))
                case UInt8(ascii: "["): tokens.append(characterClass().map(Token.set) ?? .never)
                case UInt8(ascii: "\\"): tokens.append(next().map(Token.byte) ?? .never)
                default: tokens.append(.byte(byte))
                }
                if tokens.last == .never { return [.never] }
            }
            return tokens
        }

        private var peek: UInt8? { index < pattern.endIndex ? pattern[index] : nil }

        private mutating func next() -> UInt8? {
            guard let byte = peek else { return nil }
            index += 1
            return byte
        }

        /// After the first star of a run. Two or more cross slashes if they stand between slashes or the pattern's
        /// ends.
        private mutating func stars() -> Token {
            let before = index - 1 == pattern.startIndex ? Self.slash : pattern[index - 2]
            var count = 1
            while peek == UInt8(ascii: "*") {
                index += 1
                count += 1
            }
            guard count > 1, before == Self.slash else { return .star }
            guard peek != nil else { return .starStar(skipsSlash: false) }
            if peek == Self.slash { return .starStar(skipsSlash: true) }
            let escaped = peek == UInt8(ascii: "\\") && index + 1 < pattern.endIndex && pattern[index + 1] == Self.slash
            return escaped ? .starStar(skipsSlash: false) : .star
        }

        /// After the bracket; nil if the class is malformed.
        private mutating func characterClass() -> ByteSet? {
            var set = ByteSet()
            let negated = peek == UInt8(ascii: "!") || peek == UInt8(ascii: "^")
            if negated { index += 1 }
            var previous: UInt8?
            var first = true
            while let byte = next() {
                if byte == UInt8(ascii: "]"), !first { return finished(set, negated: negated) }
                first = false
                switch byte {
                case UInt8(ascii: "\\"):
                    guard let escaped = next() else { return nil }
                    set.insert(escaped)
                    previous = escaped
                case UInt8(ascii: "-") where previous != nil && peek != nil && peek != UInt8(ascii: "]"):
                    guard let low = previous, let high = rangeEnd() else { return nil }
                    if low <= high { set.insert(low...high) }
                    previous = nil
                case UInt8(ascii: "[") where peek == UInt8(ascii: ":"):
                    guard let named = namedClass(into: &set) else { return nil }
                    previous = named ? nil : byte
                default:
                    set.insert(byte)
                    previous = byte
                }
            }
            return nil
        }

        private mutating func rangeEnd() -> UInt8? {
            guard let byte = next() else { return nil }
            return byte == UInt8(ascii: "\\") ? next() : byte
        }

        /// `[:name:]` after its first bracket; false if it isn't one and the bracket stands for itself; nil if
        /// malformed.
        private mutating func namedClass(into set: inout ByteSet) -> Bool? {
            let start = index + 1
            guard let close = pattern[start...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
            guard close > start, pattern[close - 1] == UInt8(ascii: ":") else {
                set.insert(UInt8(ascii: "["))
                return false
            }
            guard let named = ByteSet(className: pattern[start..<(close - 1)]) else { return nil }
            set.insert(where: named.contains)
            index = close + 1
            return true
        }

        private func finished(_ set: ByteSet, negated: Bool) -> ByteSet {
            var set = negated ? set : set.inverted
            set.insert(Self.slash)
            return set.inverted
        }
    }
}
