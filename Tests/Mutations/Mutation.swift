internal import Glibc

/// The mutation that this process has: `LANYARD_MUTATION` names it. `Config/mutations` copies this file into SyncModel,
/// in its clone alone: the program itself has no such switch.
private let mutation = getenv("LANYARD_MUTATION").map { String(cString: $0) } ?? ""

/// Whether the code is to be wrong in the way that `Tests/Mutations/NAME.patch` tells.
package func isMutated(_ name: String) -> Bool { mutation == name }
