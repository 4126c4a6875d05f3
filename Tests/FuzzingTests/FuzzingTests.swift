import Fuzzing
import Testing

/// The fuzz targets with what they begin with, and with all that was ever found: `Config/fuzz` looks for more.
@Suite struct FuzzingTests {
    @Test(arguments: FuzzTargets.all.map(\.name)) func seedsAndFindsHold(name: String) throws {
        let target = try #require(FuzzTargets.named(name))
        let inputs = try target.inputs()
        #expect(inputs.count > 1, "nothing to begin with")
        for input in inputs {
            try hold(target, input)
            // Cut anywhere and with a byte changed it is other input, not another fault.
            for count in Set([0, 1, input.count / 2, input.count - 1]) where (0..<input.count).contains(count) {
                try hold(target, Array(input[..<count]))
                var changed = input
                changed[count] ^= 0x81
                try hold(target, changed)
            }
        }
    }

    private func hold(_ target: FuzzTarget, _ input: [UInt8]) throws {
        do { try target.check(input) } catch {
            Issue.record("\(target.name), \(input.prefix(200)): \(error)")
        }
    }

    @Test func namesAreTheirOwn() {
        let names = FuzzTargets.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(FuzzTargets.named("no such") == nil)
    }

    @Test func findsNameTheirTarget() throws {
        for find in try FuzzFind.load() { #expect(FuzzTargets.named(find.target) != nil, "\(find.file)") }
    }
}
