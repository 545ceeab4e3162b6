/// A comment of a slicer that tells of layers.
public enum LayerMark: Equatable, Sendable {
  /// A new layer begins: `;LAYER_CHANGE` (PrusaSlicer, SuperSlicer, OrcaSlicer), `; CHANGE_LAYER` (BambuStudio).
  case change
  /// Layer number n begins, as the slicer counts: `;LAYER:12` (Cura, ideaMaker), `; layer 12, Z = 2.6` (Simplify3D).
  case number(Int32)
  /// The file has n layers: `;LAYER_COUNT:120` (Cura), `; total layer number: 120` (OrcaSlicer).
  case count(Int32)

  /// The mark in a raw line; nil where it has none. Cheap for lines that do not begin with `;`.
  public static func read(_ line: ArraySlice<UInt8>) -> LayerMark? {
    line.withUnsafeBufferPointer { read($0) }
  }

  /// The mark in a raw line; nil where it has none. Cheap for lines that do not begin with `;`.
  public static func read(_ line: Span<UInt8>) -> LayerMark? {
    guard line.count > 6, line[0] == ASCII.semicolon else { return nil }
    return line.withUnsafeBufferPointer { readComment($0) }
  }

  @inline(__always)
  static func read(_ line: UnsafeBufferPointer<UInt8>) -> LayerMark? {
    guard line.count > 6, line[0] == ASCII.semicolon else { return nil }
    return readComment(line)
  }

  private static func readComment(_ line: UnsafeBufferPointer<UInt8>) -> LayerMark? {
    var start = 1
    while start < line.count, ASCII.isBlank(line[start]) { start &+= 1 }
    // Simplify3D writes blanks and lower case, the others neither.
    if let rest = line.behind("LAYER_CHANGE", at: start) { return rest == line.count ? .change : nil }
    if let rest = line.behind("CHANGE_LAYER", at: start) { return rest == line.count ? .change : nil }
    if let rest = line.behind("LAYER_COUNT:", at: start) { return number(line, rest).map { .count($0) } }
    if let rest = line.behind("LAYER:", at: start) { return number(line, rest).map { .number($0) } }
    if let rest = line.behind("layer ", at: start) { return number(line, rest).map { .number($0) } }
    if let rest = line.behind("total layer number:", at: start) {
      return number(line, rest).map { .count($0) }
    }
    if let rest = line.behind("total layers count = ", at: start) {
      return number(line, rest).map { .count($0) }
    }
    return nil
  }

  private static func number(_ line: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int32? {
    var position = start
    while position < line.count, ASCII.isBlank(line[position]) { position &+= 1 }
    guard let value = DecimalNumber.read(line, &position), abs(value) < 1e9 else { return nil }
    return Int32(value)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The place behind `text` where the bytes at `start` are `text`; else nil.
  @inline(__always)
  func behind(_ text: StaticString, at start: Int) -> Int? {
    let length = text.utf8CodeUnitCount
    guard start &+ length <= count else { return nil }
    for index in 0..<length where self[start &+ index] != text.utf8Start[index] { return nil }
    return start &+ length
  }
}
