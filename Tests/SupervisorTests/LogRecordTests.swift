import Foundation
import Testing

@testable import Supervisor

@Suite struct LogRecordTests {
  @Test(
    "What firmware and clients say cannot break a line or play another one",
    arguments: [
      ("a\nb", "a\\nb"), ("a\r\nb", "a\\r\\nb"), ("\u{1B}[31mred", "\\u{1b}[31mred"), ("tab\tx", "tab\\tx"),
      ("nul\u{0}", "nul\\u{0}"), ("bell\u{7}", "bell\\u{7}"), ("c1\u{9B}31m", "c1\\u{9b}31m"),
      ("\u{202E}gnp", "\\u{202e}gnp"), ("line\u{2028}sep", "line\\u{2028}sep"), ("äöü °C", "äöü °C"),
      (
        "2026-01-01T00:00:00.000Z error 1 machine=x job=1 fake",
        "2026-01-01T00:00:00.000Z error 1 machine=x job=1 fake"
      ),
    ])
  func escaping(text: String, expected: String) {
    #expect(LogRecord.escaped(text) == expected)
  }

  @Test("An injected line stays one line, with its own machine and job")
  func injection() throws {
    let evil = "ok\n2026-01-01T00:00:00.000+00:00 error 9 machine=other job=9 all machines stopped"
    let record = LogRecord(id: 4, at: 1000, level: .info, machine: "en\nder x", job: 3, message: evil)
    #expect(!record.line.contains("\n"))
    let read = try #require(LogRecord(line: record.line[...]))
    #expect(read.id == 4)
    #expect(read.machine == "en\\nder_x")
    #expect(read.job == 3)
  }

  @Test("A long text is cut and said to be")
  func long() {
    let record = LogRecord.escaped(String(repeating: "x", count: 100_000))
    #expect(record.utf8.count < 2100)
    #expect(record.hasSuffix("…(cut)"))
  }

  @Test("A line is read back as it was")
  func roundTrip() throws {
    for level in LogLevel.allCases {
      let record = LogRecord(
        id: 1 << 40, at: 1_750_000_000_123, level: level, machine: nil, job: nil, message: "two words {a=b}")
      #expect(LogRecord(line: record.line[...]) == record)
    }
    for torn in ["", "2026", "2026-11-22T04:22:18.123+01:00 info 5 machine=a", "x y z machine=a job=1 m"] {
      #expect(LogRecord(line: torn[...]) == nil)
    }
  }
}

@Suite struct LocalTimeTests {
  @Test("Times are local ISO 8601 with milliseconds and read back as they were")
  func roundTrip() {
    for milliseconds: Int64 in [0, 999, 1_750_000_000_000, 1_767_225_599_999, -1] {
      let text = LocalTime.iso8601(milliseconds)
      #expect(LocalTime.parse(text) == milliseconds, "\(text)")
      #expect(text.utf8.count == 29)
    }
  }

  @Test("Offsets, fractions and missing parts are understood")
  func parse() {
    #expect(LocalTime.parse("1970-01-01T01:00:00+01:00") == 0)
    #expect(LocalTime.parse("1970-01-01T00:00:00.5Z") == 500)
    #expect(LocalTime.parse("1970-01-01T00:00:00.123456789-0030") == 1_800_123)
    #expect(LocalTime.parse("2026-11-22") != nil)
    #expect(LocalTime.parse("2026-11-22 18:30") != nil)
  }

  @Test(
    "What is no time is refused",
    arguments: [
      "", "now", "2026-13-01", "2026-11-22T25:00", "2026-11-22T10:00:00+99:00", "2026-11-22T10:00x", "1-1-1",
    ])
  func refused(text: String) {
    #expect(LocalTime.parse(text) == nil)
  }
}
