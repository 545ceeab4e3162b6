/// One word behind a verb that may be given: `--name VALUE`, or a switch without a value.
struct BenchOption: Sendable {
  /// With its dashes.
  var name: String
  /// What the value is, in capitals; nil for a switch.
  var value: String?
  /// What it does, and what counts without it.
  var sentence: String

  init(_ name: String, _ value: String? = nil, _ sentence: String) {
    self.name = name
    self.value = value
    self.sentence = sentence
  }
}

/// The words behind a verb, of which each is known and each number is one.
struct Arguments: Sendable {
  private var values: [String: String] = [:]
  private var switches: Set<String> = []
  /// Words without dashes, in their order.
  private(set) var words: [String] = []

  /// Reads the words as `verb` knows them; nil where its usage is asked for.
  ///
  /// An hour's measurement must not begin because a word was mistyped: whatever is not known is refused.
  init?(_ arguments: some Sequence<String>, for verb: Verb) throws(UsageError) {
    var rest = Array(arguments)[...]
    while let word = rest.popFirst() {
      if word == "--help" || word == "-h" { return nil }
      guard word.hasPrefix("-") else {
        guard words.count < verb.words.count else { throw UsageError("\(verb.name) takes no \(word)", verb) }
        words.append(word)
        continue
      }
      // `--name=VALUE` and `--name VALUE` are one.
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let option = verb.options.first(where: { $0.name == parts[0] }) else {
        throw UsageError("\(verb.name) has no option \(parts[0])", verb)
      }
      guard option.value != nil else {
        guard parts.count == 1 else { throw UsageError("\(option.name) takes no value", verb) }
        switches.insert(option.name)
        continue
      }
      guard let value = parts.count > 1 ? parts[1] : rest.popFirst(), !value.isEmpty,
        parts.count > 1 || !value.hasPrefix("--")
      else { throw UsageError("\(option.name) wants a value", verb) }
      if option.value == "N", (Int(value) ?? 0) < 1 {
        throw UsageError("\(option.name) wants a whole number above 0, not \(value)", verb)
      }
      if option.value == "SEED", UInt64(value) == nil {
        throw UsageError("\(option.name) wants a whole number, not \(value)", verb)
      }
      values[option.name] = value
    }
    if words.count < verb.words.count {
      throw UsageError("\(verb.name) wants \(verb.words[words.count...].joined(separator: " "))", verb)
    }
  }

  /// Whether a switch was given.
  func has(_ name: String) -> Bool { switches.contains(name) }

  /// The value of an option, nil where it was not given.
  func text(_ name: String) -> String? { values[name] }

  /// The parts of a comma list.
  func list(_ name: String) -> [String] { (values[name] ?? "").split(separator: ",").map(String.init) }

  /// The number of an option whose value is `N`, or `usual`.
  func number(_ name: String, _ usual: Int) -> Int { values[name].flatMap { Int($0) } ?? usual }

  /// The number of an option whose value is `SEED`.
  func seed(_ name: String) -> UInt64? { values[name].flatMap { UInt64($0) } }
}

/// What is wrong with the command line.
struct UsageError: Error, Equatable, CustomStringConvertible {
  var description: String

  init(_ sentence: String, _ verb: Verb? = nil) {
    description =
      "\(sentence); fabline-bench \(verb.map { $0.name + " " } ?? "")--help shows what there is"
  }
}

/// Why a measurement could not be made.
struct BenchError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
