import Foundation

/// Lines so long and so quickly done that nothing but the wire sets their pace.
///
/// A move to where the head stands already: the firmware reads its 48 bytes and has nothing to plan.
enum WireLines {
  private static let line = "G1 X120." + String(repeating: "0", count: 40)

  /// Writes the file.
  static func write(to path: String, lines: Int) throws {
    let text = "G90\nG92 X120 Y100 Z0 E0\n" + String(repeating: line + "\n", count: lines)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// How long the wire takes for these lines, numbered from 1 and with their checksums, at ten bits a byte; s.
  static func seconds(lines: Int, baud: Int) -> Double {
    var bytes = 0
    for number in 1...max(1, lines) {
      let body = "N\(number) \(line)"
      let checksum = body.utf8.reduce(0, ^)
      bytes += body.utf8.count + "*\(checksum)\n".utf8.count
    }
    return Double(bytes) * 10 / Double(baud)
  }
}
