import Foundation
import GCode
import Testing

@Suite struct DecimalNumberTests {
  @Test(
    arguments: [
      ("0", 0), ("1.", 1), ("-.5", -0.5), ("+1", 1), (".25", 0.25), ("-0", 0), ("007", 7), ("83.375", 83.375),
      ("0.1", 0.1), ("12345.678", 12345.678), ("0.000000000000000001", 1e-18),
      ("999999999999999", 999_999_999_999_999),
    ] as [(String, Double)])
  func numbers(input: String, expected: Double) {
    #expect(DecimalNumber.read(bytes(input)) == expected)
  }

  @Test(arguments: ["", ".", "-", "+.", "1e5", "1 ", " 1", "1.2.3", "--1", "x", "1,5"])
  func notNumbers(input: String) {
    #expect(DecimalNumber.read(bytes(input)) == nil)
  }

  @Test func hostileLengthsAreValues() {
    let digits = String(repeating: "9", count: 400)
    #expect(DecimalNumber.read(bytes(digits)) == DecimalNumber.limit)
    // 2 to the power of 64, and 1: what wraps around is a small number.
    #expect(DecimalNumber.read(bytes("18446744073709551617")) == DecimalNumber.limit)
    #expect(DecimalNumber.read(bytes("-" + digits)) == -DecimalNumber.limit)
    #expect(DecimalNumber.read(bytes("1." + digits)).map { $0 > 1.99 && $0 <= 2 } == true)
    #expect(DecimalNumber.read(bytes("0." + String(repeating: "0", count: 400) + "1")) == 0)
  }

  @Test(arguments: 0..<500 as Range<UInt64>)
  func agreesWithTheSystem(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let number = Double.random(in: -10000...10000, using: &generator)
    let written = String(format: "%.\(Int.random(in: 0...8, using: &generator))f", number)
    let expected = Double(written)
    // Within what a Double can tell apart: one rounding more than the system's own.
    let read = DecimalNumber.read(bytes(written))
    #expect(closeTo(read, expected ?? .nan, within: abs(expected ?? 0) * 1e-15), "seed \(seed): \(written)")
  }

  @Test(
    "as many digits as are put together unseen, and one more, give the same number",
    arguments: [
      "999999999999999", "9999999999999.99", "123456789.123456", "0.00000000000001", "0.000000000000001",
      "00000000000000012.5", "-1234567.12345678", "1234567890123456", "12.0000000000000000000",
    ])
  func manyDigits(_ words: String) {
    let expected = Double(words).map { max(-DecimalNumber.limit, min(DecimalNumber.limit, $0)) }
    #expect(DecimalNumber.read(bytes(words)) == expected)
  }
}
