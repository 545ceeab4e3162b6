import Foundation

/// The functions of one program that callgrind saw run, from its raw output: what the linker puts side by side.
///
/// `ob=(1) /path/program` names the object of the functions that follow, `fn=(7) name` one of them; a name stands only at the
/// first use of its number.
struct ExecutedFunctions {
  private(set) var names: Set<String> = []

  init(program: String, callgrind text: String) {
    var objects: [Substring: Substring] = [:]
    var functions: [Substring: Substring] = [:]
    var isOurs = false
    for line in text.split(separator: "\n") {
      guard let mark = line.range(of: "=("), let end = line.firstIndex(of: ")"), mark.upperBound < end else {
        continue
      }
      let number = line[mark.upperBound..<end]
      let name = line[end...].dropFirst(2)
      switch line[..<mark.lowerBound] {
      case "ob", "cob":
        if !name.isEmpty { objects[number] = name }
        if line.hasPrefix("ob") { isOurs = objects[number].map { $0.hasSuffix("/" + program) } ?? false }
      case "fn", "cfn":
        if !name.isEmpty { functions[number] = name }
        // A function that calls itself is told apart by `'2`.
        let whole = functions[number]?.split(separator: "'").first
        if line.hasPrefix("fn"), isOurs, let whole, Self.isSymbol(whole) { names.insert(String(whole)) }
      default: break
      }
    }
  }

  /// Whether it is a name of Swift or of our C, and not an address or one of the system's start-up.
  private static func isSymbol(_ name: Substring) -> Bool {
    name.hasPrefix("$s") || name.hasPrefix("clinux_") || name.hasPrefix("__swift")
  }

  /// One name a line, sorted, so that two lists can be compared.
  var list: String { names.sorted().joined(separator: "\n") + "\n" }
}
