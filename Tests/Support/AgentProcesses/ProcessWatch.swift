import Glibc
import LanHosts

/// A shell that outlives this process by a moment: it kills the agents that are still registered when its input ends,
/// and its input ends when this process does, however that happens.
final class ProcessWatch {
    private let shell: ChildProcess

    init() throws(LanError) {
        shell = try ChildProcess([
            "sh", "-c",
            """
            trap '' INT TERM HUP; running=' '
            while read -r word pid; do
                case $word in
                add) running="$running$pid " ;;
                drop) running="${running%% $pid *} ${running#* $pid }" ;;
                esac
            done
            for pid in $running; do kill -9 "$pid"; done
            """,
        ])
    }

    func add(_ process: Int32) { shell.write("add \(process)") }

    /// To be called after the process was reaped: its number may be given anew.
    func drop(_ process: Int32) { shell.write("drop \(process)") }
}
