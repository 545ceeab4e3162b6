/// A name that a client sent, made fit for a list, a log line and a terminal: its last component without control characters,
/// direction marks and outer blanks or dots, at most 200 bytes with its extension. Never used as a path.
func safeName(_ name: String) -> String {
  let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
  var scalars = String.UnicodeScalarView()
  for scalar in last.unicodeScalars where !isUnsafe(scalar) { scalars.append(scalar) }
  var text = Substring(String(scalars))
  while let first = text.first, first.isWhitespace || first == "." { text.removeFirst() }
  while let last = text.last, last.isWhitespace || last == "." { text.removeLast() }
  let short = shortened(text, to: 200)
  return short.isEmpty ? "unnamed.gcode" : short
}

/// A text that a client sent, without what could make more lines of one or turn its direction. Never used as a path.
func plainText(_ text: String) -> String {
  String(String.UnicodeScalarView(text.unicodeScalars.map { isUnsafe($0) ? "\u{FFFD}" : $0 }))
}

/// Control characters, line and paragraph separators, direction marks and overrides, and what stands for undecodable bytes.
private func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: true
  default: scalar == "\u{FFFD}"
  }
}

private func shortened(_ text: Substring, to limit: Int) -> String {
  guard text.utf8.count > limit else { return String(text) }
  let parts = text.split(separator: ".", omittingEmptySubsequences: false)
  let ending = parts.count > 1 ? parts.last.map { ".\($0)" } ?? "" : ""
  let tail = ending.utf8.count <= 16 ? ending : ""
  var stem = text.dropLast(tail.count)
  while stem.utf8.count + tail.utf8.count > limit { stem.removeLast() }
  return stem + tail
}
