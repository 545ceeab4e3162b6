import CanonicalFile
import Testing

@testable import VirtualFirmware

@Suite("The hash of what was executed")
struct HashTests {
  private let file = (0..<200).map { "G1 X\($0 % 50) Y\($0 / 3).\($0 % 10) F3000" }

  private func hash(of lines: [String]) -> (UInt64, Int64) {
    var bench = Bench(paced: false)
    for (index, line) in lines.enumerated() {
      bench.ask(bench.numbered(index + 1, line))
      if index % 7 == 0 { bench.ask("M105") }
    }
    return (bench.firmware.record.hash, bench.firmware.record.lines)
  }

  @Test func isThatOfTheFileByAnIndependentReader() {
    var reader = CanonicalHash()
    reader.update(Array(("; head\n\n" + file.joined(separator: " ; wall\r\n  ") + "\nM105\n").utf8))
    reader.finish()
    let (got, lines) = hash(of: file)
    #expect(got == reader.value)
    #expect(lines == reader.lines)
    #expect(lines == 200)
  }

  @Test func turnsRedWhenALineIsSkipped() {
    var lines = file
    lines.remove(at: 77)
    #expect(hash(of: lines).0 != hash(of: file).0)
  }

  @Test func turnsRedWhenALineIsDoubled() {
    var lines = file
    lines.insert(lines[77], at: 77)
    #expect(hash(of: lines).0 != hash(of: file).0)
  }

  @Test func turnsRedWhenTwoLinesAreSwapped() {
    var lines = file
    lines.swapAt(77, 78)
    #expect(hash(of: lines).0 != hash(of: file).0)
  }

  @Test func isWrittenAsSixteenDigits() {
    var record = ExecutionRecord()
    #expect(record.hashText == "cbf29ce484222325")
    record.execute(Array("G28".utf8)[...], number: nil, isHostQuestion: false)
    record.execute(Array("M105".utf8)[...], number: nil, isHostQuestion: true)
    var reader = CanonicalHash()
    reader.update(Array("G28\n".utf8))
    reader.finish()
    #expect(record.hashText == reader.hex)
  }
}
