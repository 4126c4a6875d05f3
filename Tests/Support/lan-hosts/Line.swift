import Glibc

enum Line {
    /// A line at once, whatever the output is.
    static func say(_ line: String) { _ = write(1, line + "\n", line.utf8.count + 1) }
}
