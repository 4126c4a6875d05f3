import ModelFolder
import SyncCore
import SyncModel
import Testing

@Suite struct VolumeGuardTests {
    private static let folder = FolderID(high: 1, low: 2)
    private static let known = VolumeIdentity(marker: folder, device: 3, inode: 4)

    @Test(
        arguments: [
            (known, VolumeGuard.Verdict.same),
            (VolumeIdentity(marker: folder, device: 9, inode: 4), .moved),
            (VolumeIdentity(marker: folder, device: 3, inode: 9), .moved),
            (VolumeIdentity(marker: FolderID(high: 1, low: 3), device: 3, inode: 4), .missing),
            (VolumeIdentity(marker: nil, device: 3, inode: 4), .missing),
            (nil, .missing),
        ] as [(VolumeIdentity?, VolumeGuard.Verdict)])
    func verdicts(found: VolumeIdentity?, verdict: VolumeGuard.Verdict) {
        #expect(VolumeGuard.verdict(known: Self.known, found: found) == verdict)
    }

    @Test func withoutAKnownMarkerNothingIsTheFolder() {
        let unmarked = VolumeIdentity(marker: nil, device: 3, inode: 4)
        #expect(VolumeGuard.verdict(known: unmarked, found: unmarked) == .missing)
    }
}
