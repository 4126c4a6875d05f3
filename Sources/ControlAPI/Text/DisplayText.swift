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

    private static func escape(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        if value < 0x100 { return "\\x" + (value < 16 ? "0" : "") + digits }
        return "\\u{\(digits)}"
    }
}
