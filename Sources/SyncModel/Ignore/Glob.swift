/// A compiled wildcard pattern of gitignore, matched against whole byte strings.
///
/// The matcher follows all states at once, 64 in a step: its cost is at most the pattern's length times the text's, for
/// any pattern.
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

        var isStar: Bool {
            switch self {
            case .star, .starStar: true
            case .byte, .set, .never: false
            }
        }

        func consumes(_ byte: UInt8) -> Bool {
            switch self {
            case .byte(let expected): byte == expected
            case .set(let set): set.contains(byte)
            case .star: byte != UInt8(ascii: "/")
            case .starStar: true
            case .never: false
            }
        }
    }

    // A state is the number of tokens that are matched; a set of states is a bit a state, in words of 64.

    /// How many tokens: the state in which all is matched.
    private let count: Int
    private let words: Int
    /// For each byte value the row of `consuming` that holds for it.
    private let rows: [UInt8]
    /// The states whose token takes a byte; a row of words for each kind of byte.
    private let consuming: [UInt64]
    /// The states whose token may take further bytes.
    private let staying: [UInt64]
    /// Those that may be left without a byte, and those that may, and with them the slash after them.
    private let passing: [UInt64]
    private let skipping: [UInt64]

    /// Compiles `pattern`; every byte string is a pattern, though malformed ones match nothing.
    init(_ pattern: ArraySlice<UInt8>) {
        var parser = Parser(pattern: pattern)
        let tokens = parser.parse()
        let words = tokens.count / 64 + 1
        func states(where holds: (Token) -> Bool) -> [UInt64] {
            var states = [UInt64](repeating: 0, count: words)
            for state in tokens.indices where holds(tokens[state]) { states[state / 64] |= 1 << UInt64(state % 64) }
            return states
        }
        var known: [[UInt64]: UInt8] = [:]
        var consuming: [UInt64] = []
        /// The row of all bytes that the pattern doesn't name.
        var unnamed: UInt8?
        let hasSets = tokens.contains { if case .set = $0 { true } else { false } }
        // There are at most as many rows as byte values.
        rows = (UInt8.min...UInt8.max).map { byte in
            let isNamed = hasSets || byte == UInt8(ascii: "/") || pattern.contains(byte)
            if !isNamed, let unnamed { return unnamed }
            let row = states { $0.consumes(byte) }
            let number = known[row] ?? UInt8(known.count)
            if known.updateValue(number, forKey: row) == nil { consuming += row }
            if !isNamed { unnamed = number }
            return number
        }
        (count, self.words, self.consuming) = (tokens.count, words, consuming)
        staying = states { $0.isStar }
        passing = states { $0 == .star || $0 == .starStar(skipsSlash: false) }
        skipping = states { $0 == .starStar(skipsSlash: true) }
    }

    func matches(_ text: ArraySlice<UInt8>) -> Bool {
        var isMatched = false
        forEachMatch(in: text) { isMatched = $0 == text.endIndex }
        return isMatched
    }

    /// Hands over, in one pass, the end of each beginning of `text` that matches and that a slash or nothing follows.
    func forEachMatch(in text: ArraySlice<UInt8>, _ body: (Int) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words) { states in
            states.initialize(repeating: 0)
            // Into the first state.
            _ = advance(states, row: 0, entering: 1)
            for index in text.indices {
                if text[index] == UInt8(ascii: "/"), isMatched(states) { body(index) }
                guard advance(states, row: Int(rows[Int(text[index])]), entering: 0) else { return }
            }
            if isMatched(states) { body(text.endIndex) }
        }
    }

    private func isMatched(_ states: UnsafeMutableBufferPointer<UInt64>) -> Bool {
        states[count / 64] >> UInt64(count % 64) & 1 == 1
    }

    /// The states after one byte, all at once; false if there is none. Moves lead to higher states only, so that each
    /// word needs the ones before it alone.
    private func advance(_ states: UnsafeMutableBufferPointer<UInt64>, row: Int, entering: UInt64) -> Bool {
        var isAlive = false
        var carry = entering
        for word in 0..<words {
            let consumed = states[word] & consuming[row * words + word]
            if consumed != 0 { isAlive = true }
            var reached = consumed << 1 | carry
            carry = consumed >> 63
            var (passed, skipped): (UInt64, UInt64)
            while true {
                (passed, skipped) = (reached & passing[word], reached & skipping[word])
                let further = reached | passed << 1 | skipped << 1 | skipped << 2
                if further == reached { break }
                reached = further
            }
            carry |= passed >> 63 | skipped >> 63 | skipped >> 62
            // Once it holds bytes, the slash after a token is no longer skipped: it is not reached again, it stays.
            states[word] = reached | consumed & staying[word]
        }
        return isAlive
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
                case UInt8(ascii: "*"):
                    let token = stars()
                    // `**/**/` is `**/`: without this, states that are reached without a byte would form long chains.
                    if token == .starStar(skipsSlash: true), tokens.suffix(2) == [token, .byte(Self.slash)] {
                        index += 1
                    } else {
                        tokens.append(token)
                    }
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
