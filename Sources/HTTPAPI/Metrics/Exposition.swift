/// A page in Prometheus' text format, family by family.
///
/// The format is `text/plain; version=0.0.4` of prometheus.io/docs/instrumenting/exposition_formats.
struct Exposition {
  /// What a family's numbers mean.
  enum Kind: String {
    /// Only rises, but for restarts.
    case counter
    /// Goes up and down.
    case gauge
    /// Counts by class.
    case histogram
  }

  /// A label's name and its value; the value may be any text.
  typealias Labels = KeyValuePairs<String, String>

  static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  /// The page so far.
  private(set) var text = ""
  private var family = ""

  /// Begins a family; the samples that follow belong to it.
  mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
    family = name
    text += "# HELP \(name) \(Exposition.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// One sample of the family that was begun last.
  mutating func add(_ value: Double, _ labels: Labels = [:], suffix: String = "") {
    text += family + suffix
    if !labels.isEmpty {
      let pairs = labels.map { "\($0.key)=\"\(Exposition.escaped($0.value, quotes: true))\"" }
      text += "{\(pairs.joined(separator: ","))}"
    }
    text += " \(Exposition.number(value))\n"
  }

  /// A truth value, as 0 or 1.
  mutating func add(_ value: Bool, _ labels: Labels = [:]) { add(value ? 1 : 0, labels) }

  /// A family of one sample.
  mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    begin(name, kind, help)
    add(value)
  }

  /// A histogram's classes: how many were at most each bound, how many in all, and what they add up to where that is known.
  mutating func add(
    atMost classes: [(bound: Double, count: Double)], count: Double, sum: Double?, machine: String? = nil
  ) {
    for (bound, below) in classes { bucket(Exposition.number(bound), below, machine) }
    bucket("+Inf", count, machine)
    if let machine {
      if let sum { add(sum, ["machine": machine], suffix: "_sum") }
      add(count, ["machine": machine], suffix: "_count")
    } else {
      if let sum { add(sum, suffix: "_sum") }
      add(count, suffix: "_count")
    }
  }

  private mutating func bucket(_ bound: String, _ count: Double, _ machine: String?) {
    if let machine {
      add(count, ["machine": machine, "le": bound], suffix: "_bucket")
    } else {
      add(count, ["le": bound], suffix: "_bucket")
    }
  }

  /// As Go writes it: whole numbers without a fraction, `NaN`, `+Inf`.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
    return "\(value)"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
