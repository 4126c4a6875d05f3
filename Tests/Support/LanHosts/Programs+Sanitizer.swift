import Glibc

extension Programs {
    /// Where `Config/sanitize` has the sanitizer of a process report: variables for every program that is started with
    /// no others, since it would report to nobody and end as it does by default.
    public static let sanitizerVariables: [String] = {
        let names: [String] = ["ASAN_OPTIONS", "TSAN_OPTIONS"]
        return names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
    }()
}
