/// One measurement that the bench can make.
struct Verb: Sendable {
  /// The first word of the command line.
  var name: String
  /// What it measures, a line.
  var summary: String
  /// Words without dashes that it wants.
  var words: [String] = []
  /// Words with dashes that it knows.
  var options: [BenchOption] = []
  /// Makes the measurement.
  var run: @Sendable (Arguments) async throws -> Void

  /// All that `--help` behind it shows.
  var usage: String {
    let words = words + options.map { option in "[\(option.name)\(option.value.map { " " + $0 } ?? "")]" }
    var text = "usage: fabline-bench \(([name] + words).joined(separator: " "))\n\n\(summary)\n"
    if !options.isEmpty { text += "\n" }
    for option in options {
      let head = "\(option.name)\(option.value.map { " " + $0 } ?? "")"
      text += "  \(Row.left(head, 22)) \(option.sentence)\n"
    }
    return text
  }

  /// All that `--help` alone shows.
  static var overview: String {
    var text = "usage: fabline-bench VERB [options]; fabline-bench VERB --help shows them\n\n"
    for verb in all { text += "  \(Row.left(verb.name, 14)) \(verb.summary)\n" }
    return text
  }

  /// What a command line asks for.
  enum Order: Sendable {
    case help(String)
    case measure(Verb, Arguments)
  }

  /// Reads a command line, the program's name left out.
  static func order(_ words: [String]) throws(UsageError) -> Order {
    guard let first = words.first else { throw UsageError("which measurement?") }
    if first == "--help" || first == "-h" || first == "help" { return .help(overview) }
    guard let verb = all.first(where: { $0.name == first }) else {
      throw UsageError("there is no measurement \(first)")
    }
    guard let arguments = try Arguments(words.dropFirst(), for: verb) else { return .help(verb.usage) }
    return .measure(verb, arguments)
  }
}
