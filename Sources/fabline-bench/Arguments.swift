/// The few words of the command line: a verb, positional words, `--name N`.
struct Arguments {
  private var words: [String]

  init(_ words: [String]) { self.words = words }

  /// The next positional word.
  mutating func next() -> String? {
    words.isEmpty ? nil : words.removeFirst()
  }

  /// Whether a word is there.
  func has(_ name: String) -> Bool { words.contains(name) }

  /// The word behind `name`.
  func text(_ name: String) -> String? {
    guard let at = words.firstIndex(of: name), at + 1 < words.count else { return nil }
    return words[at + 1]
  }

  /// The words of a comma list behind `name`.
  func list(_ name: String) -> [String] { (text(name) ?? "").split(separator: ",").map(String.init) }

  /// The number behind `name`, or `usual`.
  func number(_ name: String, _ usual: Int) -> Int {
    guard let at = words.firstIndex(of: name), at + 1 < words.count else { return usual }
    return Int(words[at + 1]) ?? usual
  }
}

/// Why a measurement could not be made.
struct BenchError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
