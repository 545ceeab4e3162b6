/// A hash of what a G-code file makes a printer do, computed from the raw bytes by a reader of its own.
///
/// It is compared with the hash of what a firmware executed: equal means each command once, in order, unchanged. For
/// that it shares nothing with the code that sends the file, not even the cutting into lines.
///
/// The canonical form of a file is, line by line (LF, CRLF or CR end a line, and so does the end of the file): the
/// comment from `;` on removed, spaces and tabs at both ends removed, empty lines dropped, lines dropped whose command
/// is one that a host sends by itself (M20, M27, M31, M105, M110, M113, M114, M115, M119, M154, M155, M400, M503), and
/// each remaining line followed by one LF. The hash is FNV-1a over those bytes, 64 bits wide.
public struct CanonicalHash: Equatable, Sendable {
  /// The hash of the lines that were ended so far.
  public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325
  /// How many lines went into it.
  public private(set) var lines: Int64 = 0
  private var line = CanonicalLine(hash: 0xcbf2_9ce4_8422_2325)

  /// Makes the hash of an empty file.
  public init() {}

  /// Reads the next bytes of the file; the pieces may be cut anywhere.
  public mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
    for byte in bytes { take(byte) }
  }

  /// Reads the next bytes of the file; the pieces may be cut anywhere.
  public mutating func update(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { take(byte) }
  }

  /// Ends the file, which may lack the ending of its last line. Harmless when called twice.
  public mutating func finish() { endLine() }

  /// The hash as 16 lower-case hexadecimal digits.
  public var hex: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  @inline(__always)
  private mutating func take(_ byte: UInt8) {
    // The LF of a CRLF ends a line that is empty, which is dropped.
    if byte == 10 || byte == 13 { endLine() } else { line.take(byte) }
  }

  private mutating func endLine() {
    if let hash = line.ended {
      value = hash
      lines += 1
    }
    line = CanonicalLine(hash: value)
  }
}

/// One line as it is read: nothing of it is kept but hashes and the start of its command.
struct CanonicalLine: Equatable, Sendable {
  /// The hash with everything from the first byte that is no blank.
  private var running: UInt64
  /// The hash up to the last byte that was no blank: what stands behind it may be the line's end.
  private var settled: UInt64
  private var isEmpty = true
  private var isComment = false
  private var command = HostCommand()

  init(hash: UInt64) {
    running = hash
    settled = hash
  }

  @inline(__always)
  mutating func take(_ byte: UInt8) {
    if isComment { return }
    if byte == 59 {
      isComment = true
      return
    }
    let isBlank = byte == 32 || byte == 9
    if isBlank, isEmpty { return }
    running = fnv1a(running, byte)
    command.take(byte)
    if !isBlank {
      settled = running
      isEmpty = false
    }
  }

  /// The hash with this line and its LF; nil where the line is dropped.
  var ended: UInt64? {
    isEmpty || command.isHosts ? nil : fnv1a(settled, 10)
  }
}

/// The beginning of a line, as far as it tells whether a host sends such commands by itself.
struct HostCommand: Equatable, Sendable {
  private enum Place { case letter, number, done }
  private var place = Place.letter
  private var number = 0
  private var digits = 0

  @inline(__always)
  mutating func take(_ byte: UInt8) {
    switch place {
    case .done: return
    case .letter: place = byte == 77 || byte == 109 ? .number : .done
    case .number:
      guard byte >= 48, byte <= 57, digits < 6 else {
        place = .done
        return
      }
      number = number * 10 + Int(byte - 48)
      digits += 1
    }
  }

  /// Whether it is one of the commands that are left out. More than six digits are none of them.
  var isHosts: Bool {
    guard digits > 0 else { return false }
    switch number {
    case 20, 27, 31, 105, 110, 113, 114, 115, 119, 154, 155, 400, 503: return true
    default: return false
    }
  }
}

/// One step of FNV-1a, 64 bits.
@inline(__always)
func fnv1a(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
  (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
}
