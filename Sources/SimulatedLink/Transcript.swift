/// What the host wrote and read, as the judge wants to see it: before the cable had its way with it, and after.
public struct Transcript: Sendable {
  /// Every text that went out under a line number, in the order in which they last did.
  private var sent: [[[UInt8]]] = []
  /// Everything the host read.
  public private(set) var received: [UInt8] = []
  /// Keep `wire`, which costs more than the print itself.
  public var keepsWire = false
  /// One line of text for each write and read, for a person.
  public private(set) var wire: [String] = []

  /// Notes what the host wrote.
  mutating func hostWrote(_ bytes: [UInt8], now: Int64) {
    if keepsWire { note("> ", bytes, now) }
    var start = 0
    while let end = bytes[start...].firstIndex(of: 10) {
      noteLine(bytes[start..<end])
      start = end + 1
    }
  }

  /// Notes what the host read.
  mutating func hostRead(_ bytes: [UInt8], now: Int64) {
    if keepsWire { note("< ", bytes, now) }
    received.append(contentsOf: bytes)
  }

  /// Notes words of the session or of the firmware's record.
  mutating func noteWords(_ words: @autoclosure () -> String, now: Int64) {
    if keepsWire { wire.append("# \(Self.milliseconds(now)) \(words())") }
  }

  /// The texts that went out under this number.
  func texts(under number: Int32) -> [[UInt8]] {
    number >= 0 && number < sent.count ? sent[Int(number)] : []
  }

  /// How often the host read these words, from a byte on.
  func count(of words: String, from begin: Int = 0) -> Int {
    let wanted = Array(words.utf8)
    guard let first = wanted.first else { return 0 }
    var found = 0
    var start = min(begin, received.count)
    while let at = received[start...].firstIndex(of: first) {
      if received[at...].starts(with: wanted) { found += 1 }
      start = at + 1
    }
    return found
  }

  private mutating func noteLine(_ line: ArraySlice<UInt8>) {
    guard line.first == UInt8(ascii: "N"), let blank = line.firstIndex(of: UInt8(ascii: " ")),
      let star = line.lastIndex(of: UInt8(ascii: "*")), blank < star
    else { return }
    var number = 0
    for digit in line[(line.startIndex + 1)..<blank] {
      guard digit >= 48, digit <= 57, number < 10_000_000 else { return }
      number = number * 10 + Int(digit - 48)
    }
    while sent.count <= number { sent.append([]) }
    let text = Array(line[(blank + 1)..<star])
    // The last one stands last: after a greeting other lines go out under the same numbers.
    sent[number].removeAll { $0 == text }
    sent[number].append(text)
  }

  private mutating func note(_ mark: String, _ bytes: [UInt8], _ now: Int64) {
    if mark == "< ", let last = wire.last, last.hasPrefix(mark), !last.hasSuffix("\\n\"") {
      // The rest of a reply that came in pieces.
      wire[wire.count - 1] = String(last.dropLast())
      wire[wire.count - 1] += String(decoding: bytes, as: UTF8.self).debugDescription.dropFirst()
      return
    }
    wire.append("\(mark)\(Self.milliseconds(now)) \(String(decoding: bytes, as: UTF8.self).debugDescription)")
  }

  private static func milliseconds(_ time: Int64) -> String {
    let tenths = time / 100_000
    return "\(tenths / 10).\(tenths % 10)"
  }
}
