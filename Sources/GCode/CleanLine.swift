/// Which comments a firmware knows besides `;`.
public enum CommentStyle: UInt8, Sendable {
  /// `;` to the end of the line.
  case semicolon = 0
  /// Also `(...)` within the line, as GRBL and LinuxCNC have it; never inside the text of M117, M118, M23 and the like.
  case semicolonAndParentheses = 1
}

/// The part of a raw line that is sent: without its `;` comment and without blanks at either end.
///
/// Blanks are spaces and tabs. What is left may be empty; the text of M117 and M118 stays as it is. Never allocates.
public func cleaned(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  let range = line.withUnsafeBufferPointer { cleanedRange($0) }
  return line[line.startIndex &+ range.lowerBound..<line.startIndex &+ range.upperBound]
}

/// The place of the part that `cleaned` gives, within the line.
public func cleanedRange(_ line: Span<UInt8>) -> Range<Int> {
  line.withUnsafeBufferPointer { cleanedRange($0) }
}

/// Writes the cleaned line to `output`, which is emptied first; drops `(...)` where the style says so.
///
/// Text commands (M117, M118, M23, M28, M30, M32, M33, M117, M928) keep their parentheses: they are words there.
public func clean(_ line: ArraySlice<UInt8>, style: CommentStyle, into output: inout [UInt8]) {
  output.removeAll(keepingCapacity: true)
  let kept = cleaned(line)
  let isText = kept.withUnsafeBufferPointer { Command.takesText($0) }
  guard style == .semicolonAndParentheses, !isText else {
    output.append(contentsOf: kept)
    return
  }
  var isInside = false
  for byte in kept {
    if byte == ASCII.openParenthesis { isInside = true }
    if !isInside { output.append(byte) }
    if byte == ASCII.closeParenthesis { isInside = false }
  }
  // A comment at either end leaves the blanks that stood beside it.
  while let last = output.last, ASCII.isBlank(last) { output.removeLast() }
  if let first = output.firstIndex(where: { !ASCII.isBlank($0) }), first > 0 { output.removeFirst(first) }
}

/// The place of the cleaned line within a raw one.
@inline(__always)
func cleanedRange(_ line: UnsafeBufferPointer<UInt8>) -> Range<Int> {
  var start = 0
  while start < line.count, ASCII.isBlank(line[start]) { start &+= 1 }
  var end = firstByte(ASCII.semicolon, in: line, from: start)
  while end > start, ASCII.isBlank(line[end &- 1]) { end &-= 1 }
  return start..<end
}
