/// What a file is by its first bytes, whatever its name says.
///
/// G-code is text; everything else that is commonly handed in under a G-code name is told apart, so that the error can
/// name the way out. A look at the first 4 KB decides; what only shows later is `FileCheck`'s.
public struct FileInspection: Equatable, Sendable {
  /// How many bytes of the file's head are looked at.
  public static let headLength = 4096

  /// What a file can be.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// Text that may be G-code.
    case text
    /// No bytes at all, or blanks only.
    case empty
    /// Nothing but NUL bytes, as a power cut leaves a file.
    case zeros
    /// Binary G-code of PrusaSlicer and its kin.
    case binaryGCode
    /// A gzip archive; Cura writes .gcode.gz.
    case gzip
    /// A ZIP archive: 3MF, UFP and the like.
    case zip
    /// An STL model.
    case stl
    /// Another 3D model or drawing as text: STEP, OBJ, SVG.
    case model
    /// Another archive: 7z, xz, bzip2, zstd, RAR.
    case archive
    /// A picture or a document.
    case document
    /// A program for a computer.
    case program
    /// A web page, as a failed download leaves it.
    case webPage
    /// Text in UTF-16.
    case utf16
    /// Other binary data.
    case binary
  }

  /// What the file is.
  public let kind: Kind
  /// Why it cannot be printed; nil for text.
  public let problem: FileProblem?

  /// Looks at the file's first bytes (up to `headLength`, or all of a shorter file) and at its size in bytes.
  public init(head: ArraySlice<UInt8>, size: Int64) {
    let head = head.prefix(Self.headLength)
    kind = Self.kind(of: head, size: size)
    problem = Self.problem(kind)
  }

  private static func kind(of head: ArraySlice<UInt8>, size: Int64) -> Kind {
    if size == 0 || head.isEmpty { return .empty }
    for (start, kind) in signatures where head.starts(with: start.utf8Bytes) { return kind }
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return .utf16 }
    if isSTL(head, size: size) { return .stl }
    if head.allSatisfy({ $0 == ASCII.nul }) { return .zeros }
    if isBinary(head) { return .binary }
    if size <= Int64(head.count), head.allSatisfy({ $0 <= ASCII.space }) { return .empty }
    return kindOfText(head)
  }

  /// The first bytes of formats that have them; the strings are Latin-1.
  private static let signatures: [(StaticString, Kind)] = [
    ("GCDE", .binaryGCode), ("\u{1F}\u{8B}", .gzip), ("PK\u{03}\u{04}", .zip), ("PK\u{05}\u{06}", .zip),
    ("7z\u{BC}\u{AF}", .archive), ("\u{FD}7zXZ", .archive), ("BZh", .archive),
    ("\u{28}\u{B5}\u{2F}\u{FD}", .archive),
    ("Rar!", .archive), ("\u{89}PNG", .document), ("\u{FF}\u{D8}\u{FF}", .document), ("%PDF", .document),
    ("GIF8", .document), ("\u{7F}ELF", .program), ("MZ", .program), ("#!", .program),
    ("ISO-10303-21", .model),
  ]

  /// A binary STL is 80 bytes of title, a count and 50 bytes a triangle; a text one begins with `solid`.
  private static func isSTL(_ head: ArraySlice<UInt8>, size: Int64) -> Bool {
    let bytes = Array(head)
    if bytes.count >= 84 {
      var count: Int64 = 0
      for index in (80..<84).reversed() { count = count << 8 | Int64(bytes[index]) }
      if count > 0, size == 84 + count * 50 { return true }
    }
    return bytes.starts(with: "solid".utf8) && contains(head, "facet")
  }

  /// Text has hardly any control bytes; a single stray one in G-code is left to `FileCheck`, which names its line.
  private static func isBinary(_ head: ArraySlice<UInt8>) -> Bool {
    var odd = 0
    for byte in head where byte < 32 && byte != 9 && byte != 10 && byte != 12 && byte != 13 || byte == 127 {
      odd += 1
    }
    return odd * 20 > head.count
  }

  private static func kindOfText(_ head: ArraySlice<UInt8>) -> Kind {
    let start = head.drop(while: { $0 <= ASCII.space }).prefix(16).map { ASCII.upper($0) }
    if start.starts(with: "<!DOCTYPE HTML".utf8) || start.starts(with: "<HTML".utf8) { return .webPage }
    if start.starts(with: "<SVG".utf8) || start.starts(with: "<?XML".utf8) { return .model }
    if contains(head, "\nv ") && contains(head, "\nf ") || contains(head, "\nvn ") { return .model }
    return .text
  }

  private static func contains(_ bytes: ArraySlice<UInt8>, _ text: String) -> Bool {
    let pattern = Array(text.utf8)
    guard bytes.count >= pattern.count else { return false }
    for start in bytes.startIndex...(bytes.endIndex - pattern.count)
    where bytes[start] == pattern[0] && bytes[start..<start + pattern.count].elementsEqual(pattern) {
      return true
    }
    return false
  }
}

extension StaticString {
  /// The scalars of the string as single bytes, for signatures with bytes above 127.
  fileprivate var utf8Bytes: [UInt8] {
    var bytes: [UInt8] = []
    for scalar in description.unicodeScalars { bytes.append(UInt8(truncatingIfNeeded: scalar.value)) }
    return bytes
  }
}
