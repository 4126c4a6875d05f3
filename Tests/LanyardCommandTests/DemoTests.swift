import ControlAPI
import Foundation
import Testing

@testable import lanyard

/// The steps of the demonstration on one directory that stands for both sides: what is changed here is there.
struct DemoTests {
    @Test func everyStepSeesItsChange() throws {
        let folders = try DemoFolders()
        try FileManager.default.removeItem(atPath: folders.folder("right"))
        try FileManager.default.createSymbolicLink(
            atPath: folders.folder("right"), withDestinationPath: folders.folder("left"))
        for step in DemoScript.steps {
            #expect(!step.arrived(folders), "\(step.what) before it")
            try step.change(folders)
            #expect(step.arrived(folders), "\(step.what) after it")
        }
    }

    @Test func noStepIsSeenOnTheOtherSideByItself() throws {
        let folders = try DemoFolders()
        var unseen = 0
        for step in DemoScript.steps {
            do { try step.change(folders) } catch { continue }
            if !step.arrived(folders) { unseen += 1 }
        }
        #expect(unseen >= 3)
    }

    @Test func nothingStays() throws {
        var folders: DemoFolders? = try DemoFolders()
        let root = try #require(folders?.root)
        try folders?.save("text", "left", "a/b")
        let mode = try FileManager.default.attributesOfItem(atPath: root + "/left-state")[.posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o700)
        folders = nil
        #expect(!FileManager.default.fileExists(atPath: root))
    }
}
