import Glibc

/// Runs `body` without the privileges of root, as a user that owns nothing: for this thread's file accesses alone.
/// Not as root it just runs: modes must then forbid to the owner too what they forbid to others.
public func withoutPrivileges<Value>(_ body: () throws -> Value) rethrows -> Value {
    guard getuid() == 0, let symbol = dlsym(nil, "setfsuid") else { return try body() }
    let setfsuid = unsafeBitCast(symbol, to: (@convention(c) (UInt32) -> Int32).self)
    _ = setfsuid(65_534)
    defer { _ = setfsuid(0) }
    return try body()
}
