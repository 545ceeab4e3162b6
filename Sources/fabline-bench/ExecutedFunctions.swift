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

  /// Those of both.
  func union(_ other: ExecutedFunctions) -> ExecutedFunctions {
    var both = self
    both.names.formUnion(other.names)
    return both
  }

  /// Whether it is a name and not an address: Swift's, our C's, and what is linked in of libraries.
  private static func isSymbol(_ name: Substring) -> Bool { !name.hasPrefix("0x") && !name.hasPrefix("???") }

  /// One name a line, sorted, so that two lists can be compared; those of `first` stand before all others.
  func list(first: Set<String> = []) -> String {
    (names.intersection(first).sorted() + names.subtracting(first).sorted()).joined(separator: "\n") + "\n"
  }
}
