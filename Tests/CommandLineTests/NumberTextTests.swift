import Testing

@testable import fabline

@Suite struct NumberTextTests {
  @Test(arguments: [
    (0.0, 1, "0"), (215.04, 1, "215"), (215.06, 1, "215.1"), (-0.04, 1, "0"), (-5.5, 1, "-5.5"),
    (0.4, 2, "0.4"),
    (12.345, 2, "12.35"), (59.6, 0, "60"), (0.05, 2, "0.05"), (.infinity, 1, "?"), (.nan, 1, "?"),
    (1e300, 1, "?"),
  ])
  func decimals(_ value: Double, _ digits: Int, _ text: String) {
    #expect(NumberText.decimal(value, digits: digits) == text)
  }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1 kB"), (1449, "1.4 kB"), (999_949, "999.9 kB"),
    (23_100_000, "23.1 MB"),
    (1_073_741_824, "1.1 GB"),
  ])
  func sizes(_ count: Int64, _ text: String) {
    #expect(NumberText.bytes(count) == text)
  }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (7245, "7,245"), (1_234_567, "1,234,567"), (-1234, "-1,234"),
  ])
  func groups(_ value: Int64, _ text: String) {
    #expect(NumberText.grouped(value) == text)
  }

  @Test func nouns() {
    #expect(NumberText.count(1, "resend") == "1 resend")
    #expect(NumberText.count(0, "resend") == "0 resends")
    #expect(NumberText.count(2, "copy", plural: "copies") == "2 copies")
  }
}
