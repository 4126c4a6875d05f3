/// Text from elsewhere, made harmless for a terminal.
public enum DisplayText {
    /// Control characters, and those that reorder or hide text, become `\xHH` or `\u{HHHH}`. A byte that is no UTF-8,
    /// in the form that `LocalPath` gives it, is shown as the byte that it is.
    public static func printable(_ text: String) -> String {
        var result = ""
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "\0", let byte = LocalPath(text: "\0" + String(rest.prefix(2)))?.bytes.first {
                result += escape(UInt32(byte))
                rest = rest.dropFirst(2)
                continue
            }
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
