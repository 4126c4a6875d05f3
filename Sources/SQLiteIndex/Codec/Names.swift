internal import GRDB
internal import SyncModel

/// The small numbers that stand for devices and authors inside one database, remembered in memory.
///
/// Numbers are only ever added, so that another connection's memory stays right; `Limits.indexNames` bounds them.
final class Names {
    private var members: [Int64: DeviceID] = [:]
    private var memberNumbers: [DeviceID: Int64] = [:]
    private var authors: [Int64: Author] = [:]
    private var authorNumbers: [Author: Int64] = [:]

    /// After a rollback: numbers given since may be given again.
    func forget() {
        members = [:]
        memberNumbers = [:]
        authors = [:]
        authorNumbers = [:]
    }

    // MARK: Devices

    func device(_ number: Int64, _ database: Database) throws -> DeviceID {
        if let known = members[number] { return known }
        let query = try Command(database, "SELECT device FROM member WHERE id = ?")
        query.bind(1, number)
        guard let raw = try query.first({ try $0.hash(0) }) else {
            throw IndexError.damaged("an unknown member number")
        }
        return remember(number, DeviceID(raw))
    }

    /// Nil if the device has none yet.
    func existingNumber(of device: DeviceID, _ database: Database) throws -> Int64? {
        if let known = memberNumbers[device] { return known }
        let query = try Command(database, "SELECT id FROM member WHERE device = ?")
        query.bind(1, device.raw)
        guard let number = try query.first({ $0.integer(0) }) else { return nil }
        remember(number, device)
        return number
    }

    /// Gives the device a number if it has none.
    func number(of device: DeviceID, _ database: Database) throws -> Int64 {
        if let known = try existingNumber(of: device, database) { return known }
        try checkRoom(in: "member", database)
        let insert = try Command(database, "INSERT INTO member (device) VALUES (?)")
        insert.bind(1, device.raw)
        try insert.run()
        let number = insert.lastInsertedRow
        remember(number, device)
        return number
    }

    @discardableResult
    private func remember(_ number: Int64, _ device: DeviceID) -> DeviceID {
        members[number] = device
        memberNumbers[device] = number
        return device
    }

    // MARK: Authors

    func author(_ number: Int64, _ database: Database) throws -> Author {
        if let known = authors[number] { return known }
        let query = try Command(database, "SELECT member, epoch FROM author WHERE id = ?")
        query.bind(1, number)
        guard let (member, epoch) = try query.first({ ($0.integer(0), $0.unsigned(1)) }) else {
            throw IndexError.damaged("an unknown author number")
        }
        let author = Author(device: try device(member, database), epoch: IndexEpoch(epoch))
        authors[number] = author
        authorNumbers[author] = number
        return author
    }

    /// Gives the author a number if it has none.
    func number(of author: Author, _ database: Database) throws -> Int64 {
        if let known = authorNumbers[author] { return known }
        let member = try number(of: author.device, database)
        let query = try Command(database, "SELECT id FROM author WHERE member = ? AND epoch = ?")
        query.bind(1, member)
        query.bind(2, author.epoch.number)
        var number = try query.first { $0.integer(0) }
        if number == nil {
            try checkRoom(in: "author", database)
            let insert = try Command(database, "INSERT INTO author (member, epoch) VALUES (?, ?)")
            insert.bind(1, member)
            insert.bind(2, author.epoch.number)
            try insert.run()
            number = insert.lastInsertedRow
        }
        guard let number else { throw IndexError(.other, "An author got no number.") }
        authors[number] = author
        authorNumbers[author] = number
        return number
    }

    private func checkRoom(in table: String, _ database: Database) throws {
        let last = try Command(database, "SELECT max(id) FROM \(table)").first { $0.integer(0) } ?? 0
        if last >= Int64(Limits.indexNames) {
            throw IndexError(.limit, "The folder's records name more than \(Limits.indexNames) devices or authors.")
        }
    }
}
