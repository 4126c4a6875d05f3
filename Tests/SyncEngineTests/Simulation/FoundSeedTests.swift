import Simulation
import Testing

/// Seeds of `simulate` with which something was wrong once. What was wrong stands with each; where it can be said
/// without a history, another test says it.
@Suite struct FoundSeedTests {
    @Test(
        arguments: [
            // A second edit of a file in the place of a directory was told by nobody (`PathReaderTests`).
            (SimulatedScenario.alone, 154),
            // The same, after the directory's end had come into the index between.
            (.alone, 4_914),
            // A directory had gone where nobody told of one: what others made in it waited (`MoveFinderTests`).
            (.rearranging, 541),
            // Of two ends of a file one was told to be gone before the content was at the other.
            (.failures, 3_883),
            // A person removed a file that a failed flush had torn, and the check took that for a loss.
            (.failures, 455),
            // A directory that a person made in the place of a file was taken for the one that a wave was to make
            // (`ApplierTests`).
            (.reading, 942),
            // The copy of what lost at the name that it was moved to from a copy's was taken for that copy's edit.
            (.crashes, 2_673),
            // An edit went on with a move, and was told there before what it had won over had a copy.
            (.crashes, 12_434),
            // A file that a failed flush had torn was moved by a person: for the others a deletion and a torn file.
            (.failures, 7_291),
            // A conflict copy that was not flushed was torn; the file itself was only in the history of its device.
            (.failures, 9_940),
            // One answer that a file is not there was enough to replace it before its copy was made.
            (.failures, 11_735),
            // A person changed the mode of a torn file, and it was told.
            (.lostIndices, 1_600),
            // A loss of power took an attribute from a directory, and nobody set it again.
            (.powerLoss, 169),
            // A member waited for ever for a copy that another had told of and lost.
            (.powerLoss, 6_567),
            // A held deletion that was let go told that it had seen what had no copy yet.
            (.asking, 23_718),
            // A copy that stood there already was not looked at: a person had moved it away unseen.
            (.askingLostIndices, 22_185),
            // All had told of a file and lost it, and each waited for the others.
            (.askingLostIndices, 22_597),
            // Who had a content at one path was forgotten for what it said of another.
            (.forgetting, 33_709),
            // What went on with a move, and lost there, was told to be seen where it came from.
            (.failures, 31_099),
            (.powerLoss, 33_798),
            // A file could be read again, or was gone, and the problem stayed.
            (.storms, 3_715),
            (.storms, 1_217),
            // What was wrong before the last look at a file was told after it.
            (.storms, 52_921),
            // Where a clock had been put back, a person's file counted as one that a loss of power had brought back.
            (.storms, 50_675),
            // Room came back where nothing was to be placed any more.
            (.disks, 1_494),
            // Who had replaced a conflict's loser had it in history, and did not give it.
            (.removals, 2_042),
            // What was placed and not flushed before the index was lost was acknowledged.
            (.lostIndices, 67),
            // A file that devices moved to and fro at once gave way at each end (`PlanTests`).
            (.disks, 51_073),
            // Who was removed placed what it had heard, without the copies that it could not announce (`CopyTests`).
            (.removals, 3_376),
            (.removals, 1_121),
            // Who was a member again did not know what the others had forgotten meanwhile.
            (.removals, 1_321),
            // The copy of a copy that somebody had edited counted as seen by what he made at its path (`MergeTests`).
            (.removals, 178),
            // Numbers were taken twice by an index that was put back.
            (.oldIndices, 3_709),
            (.oldIndices, 1_583),
            // A batch of a log that its member had lost meanwhile moved the place in the new one back.
            (.readingLostIndices, 52_814),
            // What a crash left between two renames counted as a reader's deletion.
            (.readingLostIndices, 90_018),
            // A loss of power gave bytes to a file that never had any: the simulated disk was wrong.
            (.powerLoss, 90_133),
            // What was to go into the directory in its own place waited for a copy that waited for the directory
            // (`PlanTests`).
            (.crashes, 400_906),
            // What came into a directory was told before the file in its place had become one.
            (.ordinary, 1_434_267),
            // A copy was placed, and still waited for after a flush had failed.
            (.lostIndices, 500_221),
            // Who had told of a file had neither the file nor its record any more, and was waited for.
            (.forgetting, 500_365),
            (.forgetting, 500_517),
            (.lostIndices, 200_179),
            // A file was to stand in the place of the directory that it lay in (`PlanTests`).
            (.storms, 1_000_517),
            // Of two directories, one in the other, the inner one was told alone: each look at both made the one before
            // stale.
            (.ordinary, 10_080_369),
        ] as [(SimulatedScenario, UInt64)])
    func nothingIsWrong(scenario: SimulatedScenario, seed: UInt64) {
        let failures = scenario.history(seed: seed).run()
        #expect(failures.isEmpty, "simulate \(seed) --scenario \(scenario.rawValue): \(failures.prefix(4))")
    }
}
