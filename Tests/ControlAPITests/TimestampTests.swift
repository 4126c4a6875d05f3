import ControlAPI
import SeededRandom
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            (0, 0, "1970-01-01T00:00:00Z"),
            (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400, 0, "2000-02-29T00:00:00Z"),
            (1_078_012_800, 0, "2004-02-29T00:00:00Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00Z"),
            (1_795_504_576, 120_000_000, "2026-11-24T07:16:16.12Z"),
            (253_402_300_799, 0, "9999-12-31T23:59:59Z"),
            (-62_167_219_200, 0, "0000-01-01T00:00:00Z"),
        ] as [(Int64, UInt32, String)])
    func momentsAndTheirDates(seconds: Int64, nanoseconds: UInt32, text: String) {
        let moment = Timestamp(seconds: seconds, nanoseconds: nanoseconds)
        #expect(moment.description == text)
        #expect(Timestamp(text) == moment)
    }

    @Test(arguments: [
        ("2026-11-24T09:16:16+02:00", "2026-11-24T07:16:16Z"),
        ("2026-11-24t00:00:00-00:30", "2026-11-24T00:30:00Z"),
        ("2026-11-24 07:16:16z", "2026-11-24T07:16:16Z"),
        ("2026-11-24", "2026-11-24T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2026-11-24T07:16:16.1234567899Z", "2026-11-24T07:16:16.123456789Z"),
    ])
    func otherWaysToWriteThem(text: String, same: String) {
        #expect(Timestamp(text)?.description == same)
    }

    @Test(arguments: [
        "", "yesterday", "2026-11-24T07:16:16", "2026-13-01", "2026-00-01", "2023-02-29", "2026-11-31",
        "2026-11-24T24:00:00Z", "2026-11-24T07:16:61Z", "2026-11-24T07:16:16.Z", "2026-11-24T07:16:16+2:00",
        "2026-11-24T07:16:16Zjunk", "26-11-24", "2026-11-2é",
    ])
    func whatIsNoDate(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func anyMomentComesBack() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5_000 {
            let moment = Timestamp(
                seconds: Int64.random(in: -62_167_219_200...253_402_300_799, using: &generator),
                nanoseconds: UInt32.random(in: 0...999_999_999, using: &generator))
            #expect(Timestamp(moment.description) == moment)
        }
    }

    @Test func nanosecondsBeforeTheEpoch() {
        #expect(Timestamp(nanosecondsSince1970: -1).description == "1969-12-31T23:59:59.999999999Z")
        #expect(Timestamp(nanosecondsSince1970: .min).description == "1677-09-21T00:12:43.145224192Z")
        #expect(Timestamp(seconds: .max).description == "9999-12-31T23:59:59Z")
        #expect(Timestamp(seconds: .min).description == "0000-01-01T00:00:00Z")
    }
}

/// The calendar against its own definition, and the order of moments.
struct TimestampLawTests {
    /// Every day of four centuries follows the one before it.
    @Test func everyDayHasItsDate() throws {
        func isLeap(_ year: Int) -> Bool {
            year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        }
        var (year, month, day) = (1800, 1, 1)
        var moment = try #require(Timestamp("1800-01-01"))
        while year < 2201 {
            let (months, days) = (month < 10 ? "0\(month)" : "\(month)", day < 10 ? "0\(day)" : "\(day)")
            let text = "\(year)-\(months)-\(days)T00:00:00Z"
            guard moment.description == text, Timestamp(text) == moment else {
                Issue.record("\(text) is written \(moment)")
                return
            }
            let length = month == 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
            #expect(Timestamp("\(year)-\(months)-\(length + 1)") == nil || length > 98)
            (day, moment) = (day + 1, Timestamp(seconds: moment.seconds + 86_400))
            if day > length { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }

    /// With the same number of digits the order of texts is that of moments.
    @Test func textsOrderAsMoments() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<3_000 {
            let pair = (0..<2).map { _ in
                Timestamp(seconds: Int64.random(in: -62_167_219_200...253_402_300_799, using: &generator))
            }
            #expect((pair[0] < pair[1]) == (pair[0].description < pair[1].description))
        }
    }

    @Test func offsetsAreTakenOff() throws {
        let utc = try #require(Timestamp("2026-11-24T12:00:00Z"))
        for hour in 0..<24 {
            for minute in [0, 30, 59] {
                let digits = "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
                let seconds = Int64(hour * 3_600 + minute * 60)
                #expect(Timestamp("2026-11-24T12:00:00+\(digits)")?.seconds == utc.seconds - seconds)
                #expect(Timestamp("2026-11-24T12:00:00-\(digits)")?.seconds == utc.seconds + seconds)
            }
        }
        for text in ["+24:00", "+00:60", "00:00", "+0000", "+00", "Z+00:00"] {
            #expect(Timestamp("2026-11-24T12:00:00\(text)") == nil, "\(text)")
        }
    }
}
