import ModelFolder
import SyncModel
import Testing

@testable import SyncEngine

@Suite struct QuestionBookTests {
    private let folders = [FolderID(high: 1, low: 1), FolderID(high: 1, low: 2)]
    private let connections = [ConnectionID(1), ConnectionID(2)]

    private func opened(_ number: UInt32?) throws -> UInt32 { try #require(number) }

    @Test func foldersOfOneConnectionGetNumbersOfTheirOwn() throws {
        var book = QuestionBook()
        let first = try opened(book.open(1, of: folders[0], on: connections[0]))
        let second = try opened(book.open(1, of: folders[1], on: connections[0]))
        #expect(first != second)
        let stranger = book.close(second, on: connections[1])
        #expect(stranger == nil)
        let answer = book.close(second, on: connections[0])
        let closed = try #require(answer)
        #expect(closed.folder == folders[1] && closed.number == 1)
        // An answer comes once.
        let again = book.close(second, on: connections[0])
        #expect(again == nil)
        let other = book.close(first, on: connections[0])
        #expect(other?.folder == folders[0])
    }

    @Test func anAnswerInPartsEndsWithItsLast() throws {
        var book = QuestionBook()
        let number = try opened(book.open(7, of: folders[0], on: connections[0]))
        for isLast in [false, false, true] {
            let part = book.close(number, on: connections[0], isLast: isLast)
            #expect(part?.number == 7 && part?.folder == folders[0])
        }
        let more = book.close(number, on: connections[0])
        #expect(more == nil)
    }

    @Test func whatFetchesLeaveIsTheMost() {
        var book = QuestionBook()
        for number in 0..<UInt32(Limits.reservedRequests) {
            let opened = book.open(number, of: folders[0], on: connections[0])
            #expect(opened != nil)
        }
        let refused = book.open(100, of: folders[1], on: connections[0])
        let elsewhere = book.open(100, of: folders[1], on: connections[1])
        #expect(refused == nil && elsewhere != nil)
    }

    @Test func aFolderThatWentGetsNoAnswer() throws {
        var book = QuestionBook()
        let first = try opened(book.open(1, of: folders[0], on: connections[0]))
        let second = try opened(book.open(2, of: folders[0], on: connections[1]))
        let third = try opened(book.open(3, of: folders[1], on: connections[0]))
        book.forget(folders[0], on: connections[0])
        let gone = book.close(first, on: connections[0])
        book.forget(folders[0])
        let goneToo = book.close(second, on: connections[1])
        let left = book.close(third, on: connections[0])
        #expect(gone == nil && goneToo == nil && left?.number == 3)
    }
}
