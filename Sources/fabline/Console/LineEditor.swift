/// A line being typed: keys come in, the line, the cursor and orders go out. Pure.
///
/// Arrows, Home, End, Delete, Backspace; Ctrl-A E B F K U W L P N D C; history with Up and Down. UTF-8.
struct LineEditor: Equatable, Sendable {
  /// What the shell of the editor does.
  enum Order: Equatable, Sendable {
    /// Draw again.
    case redraw
    /// The line is complete.
    case line(String)
    /// Ctrl-C: the line is dropped.
    case interrupted
    /// Ctrl-D on an empty line.
    case end
    /// Ctrl-L.
    case clearScreen
  }

  /// What is typed.
  private(set) var text: [Character] = []
  /// Before which character the cursor stands.
  private(set) var cursor = 0
  /// Earlier lines, oldest first.
  private(set) var history: [String] = []
  private var place: Int?
  private var draft: [Character] = []
  private var pending: [UInt8] = []

  /// How many lines are kept.
  static let memory = 500

  init(history: [String] = []) { self.history = Array(history.suffix(Self.memory)) }

  /// The typed line.
  var line: String { String(text) }
  /// Cells before the cursor.
  var cursorCells: Int { TextWidth.cells(String(text[..<cursor])) }

  /// Takes bytes from the terminal.
  mutating func receive(_ bytes: some Sequence<UInt8>) -> [Order] {
    var orders: [Order] = []
    for byte in bytes {
      pending.append(byte)
      if let order = step() { orders.append(order) }
    }
    return orders
  }

  private mutating func step() -> Order? {
    guard let first = pending.first else { return nil }
    if first == 0x1B { return escape() }
    if first >= 0x80 { return character() }
    pending.removeAll()
    return control(first)
  }

  private mutating func character() -> Order? {
    guard let first = pending.first else { return nil }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    guard pending.count >= length else { return nil }
    let characters = Array(String(decoding: pending, as: UTF8.self))
    pending.removeAll()
    insert(characters)
    return .redraw
  }

  private mutating func control(_ byte: UInt8) -> Order? {
    switch byte {
    case 0x0D, 0x0A: return .line(finish())
    case 0x03:
      clear()
      return .interrupted
    case 0x04:
      if text.isEmpty { return .end }
      delete(at: cursor)
    case 0x7F, 0x08:
      if cursor > 0 { delete(at: cursor - 1) }
    case 0x01: cursor = 0
    case 0x05: cursor = text.count
    case 0x02: cursor = max(0, cursor - 1)
    case 0x06: cursor = min(text.count, cursor + 1)
    case 0x0B: text.removeSubrange(cursor...)
    case 0x15:
      text.removeSubrange(..<cursor)
      cursor = 0
    case 0x17: deleteWord()
    case 0x0C: return .clearScreen
    case 0x10: older()
    case 0x0E: newer()
    case 0x09: insert([" "])
    case 0x20...0x7E: insert([Character(UnicodeScalar(byte))])
    default: return nil
    }
    return .redraw
  }

  /// `ESC [ … letter` and `ESC O letter`; an unknown sequence is dropped as a whole.
  private mutating func escape() -> Order? {
    guard pending.count >= 2 else { return nil }
    guard pending[1] == UInt8(ascii: "[") || pending[1] == UInt8(ascii: "O") else {
      pending.removeAll()
      return nil
    }
    guard pending.count >= 3, let last = pending.last, (0x40...0x7E).contains(last) else {
      if pending.count > 16 { pending.removeAll() }
      return nil
    }
    let sequence = Array(pending.dropFirst(2))
    pending.removeAll()
    switch sequence {
    case [UInt8(ascii: "A")]: older()
    case [UInt8(ascii: "B")]: newer()
    case [UInt8(ascii: "C")]: cursor = min(text.count, cursor + 1)
    case [UInt8(ascii: "D")]: cursor = max(0, cursor - 1)
    case [UInt8(ascii: "H")], Array("1~".utf8), Array("7~".utf8): cursor = 0
    case [UInt8(ascii: "F")], Array("4~".utf8), Array("8~".utf8): cursor = text.count
    case Array("3~".utf8): delete(at: cursor)
    case Array("1;5C".utf8): wordRight()
    case Array("1;5D".utf8): wordLeft()
    default: return nil
    }
    return .redraw
  }

  private mutating func insert(_ characters: [Character]) {
    text.insert(contentsOf: characters, at: cursor)
    cursor += characters.count
  }

  private mutating func delete(at index: Int) {
    guard text.indices.contains(index) else { return }
    text.remove(at: index)
    if cursor > index { cursor -= 1 }
  }

  private mutating func deleteWord() {
    let end = cursor
    wordLeft()
    text.removeSubrange(cursor..<end)
  }

  private mutating func wordLeft() {
    while cursor > 0, text[cursor - 1] == " " { cursor -= 1 }
    while cursor > 0, text[cursor - 1] != " " { cursor -= 1 }
  }

  private mutating func wordRight() {
    while cursor < text.count, text[cursor] == " " { cursor += 1 }
    while cursor < text.count, text[cursor] != " " { cursor += 1 }
  }

  private mutating func older() {
    let index = (place ?? history.count) - 1
    guard history.indices.contains(index) else { return }
    if place == nil { draft = text }
    place = index
    replace(Array(history[index]))
  }

  private mutating func newer() {
    guard let place else { return }
    if history.indices.contains(place + 1) {
      self.place = place + 1
      replace(Array(history[place + 1]))
    } else {
      self.place = nil
      replace(draft)
    }
  }

  private mutating func replace(_ characters: [Character]) {
    text = characters
    cursor = characters.count
  }

  private mutating func clear() {
    replace([])
    place = nil
    draft = []
  }

  /// Gives the line away and keeps it in the history, where it is not empty and not the same as the last.
  private mutating func finish() -> String {
    let line = line
    clear()
    if !line.trimmingBlanks().isEmpty, history.last != line {
      history.append(line)
      if history.count > Self.memory { history.removeFirst(history.count - Self.memory) }
    }
    return line
  }
}
