import Testing

@testable import fabline

@Suite struct TimeTests {
  @Test(arguments: [
    (0, "0 s"), (59, "59 s"), (60, "1 min"), (89, "1 min"), (90, "2 min"), (3540, "59 min"),
    (3600, "1 h 00 min"),
    (3660, "1 h 01 min"), (11_100, "3 h 05 min"), (86_400, "1 d 0 h"), (187_200, "2 d 4 h"), (-5, "0 s"),
  ])
  func durationsAsPeopleWriteThem(_ seconds: Int64, _ text: String) {
    #expect(DurationText.short(seconds) == text)
  }

  @Test(arguments: [(0, "0:00"), (725, "12:05"), (11_109, "3:05:09")])
  func durationsAsAClock(_ seconds: Int64, _ text: String) {
    #expect(DurationText.clock(seconds) == text)
  }

  @Test(arguments: [
    ("90s", 90), ("10m", 600), ("2h", 7200), ("3d", 259_200), ("1h30m", 5400), ("1w", 604_800),
  ])
  func durationsAsPeopleTypeThem(_ text: String, _ seconds: Int64) {
    #expect(DurationText.parse(text) == seconds)
  }

  @Test(arguments: ["", "10", "m", "10x", "-5m", "1h30", "99999999999999999999s", "9223372036854775807w"])
  func otherTextIsNoDuration(_ text: String) {
    #expect(DurationText.parse(text) == nil)
  }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-22T04:22:18.123Z", 1_795_321_338_123),
    ("2026-11-22T05:22:18.123+01:00", 1_795_321_338_123), ("2000-02-29T12:00:00Z", 951_825_600_000),
    ("2024-03-01T00:00:00.5Z", 1_709_251_200_500), ("1969-12-31T23:59:59.000Z", -1000),
    ("2026-11-22T04:22:18.123456-0030", 1_795_323_138_123),
  ])
  func momentsOfTheAPI(_ text: String, _ milliseconds: Int64) {
    #expect(Timestamp.parse(text) == milliseconds)
  }

  @Test(arguments: ["", "2026-11-22", "2026-11-22T04:22:18", "2026-13-22T04:22:18Z", "yesterday afternoon!"])
  func otherTextIsNoMoment(_ text: String) {
    #expect(Timestamp.parse(text) == nil)
  }

  @Test(arguments: [0, 1_795_321_338_123, 951_825_600_001, 1_111_111_111_111])
  func whatIsWrittenIsRead(_ milliseconds: Int64) {
    #expect(Timestamp.parse(Timestamp.iso(milliseconds)) == milliseconds)
  }

  @Test func typedMoments() throws {
    let now: Int64 = 1_795_321_338_123
    #expect(Timestamp.typed("10m", past: true, now: now) == now - 600_000)
    #expect(Timestamp.typed("6h", past: false, now: now) == now + 21_600_000)
    #expect(Timestamp.typed("2026-11-22T04:22:18.123Z", past: false, now: now) == now)
    let evening = try #require(Timestamp.typed("18:30", past: false, now: now))
    #expect(Timestamp.iso(evening).contains("T18:30:00.000"))
    let day = try #require(Timestamp.typed("2026-12-01", past: false, now: now))
    #expect(Timestamp.iso(day).hasPrefix("2026-12-01T00:00:00.000"))
    let exact = try #require(Timestamp.typed("2026-12-01T12:05", past: false, now: now))
    #expect(Timestamp.iso(exact).hasPrefix("2026-12-01T12:05:00.000"))
    for text in ["25:00", "soon", "2026-12", "12:61", "2026-99-01"] {
      #expect(Timestamp.typed(text, past: false, now: now) == nil, "\(text)")
    }
  }
}
