/// Text from elsewhere, made harmless for a terminal.
public enum DisplayText {
    /// Control characters, and those that reorder or hide text, become `\xHH` or `\u{HHHH}`.
    public static func printable(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned:
                result += escape(scalar.value)
            default:
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The same for text of several lines, which stays so.
    public static func printableLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }.joined(
            separator: "\n")
    }

    private static func escape(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        if value < 0x100 { return "\\x" + (value < 16 ? "0" : "") + digits }
        return "\\u{\(digits)}"
    }
}
