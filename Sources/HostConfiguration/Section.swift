import Yams

/// A part of the configuration: a mapping whose keys are asked for one by one.
///
/// Each value is judged where it is read, so that an error has its line. What nobody asked for is unknown (`end`): a misspelt key
/// is told and not ignored.
public struct Section {
  let file: String
  let name: String
  private let values: [String: Node]
  private let keys: [(name: String, line: Int?)]
  private var asked: Set<String> = []

  /// Reads a whole file's text. Throws `configuration.syntax`.
  public init(text: String, file: String) throws(ConfigurationError) {
    do {
      let node = try Yams.compose(yaml: text) ?? Node.mapping([:])
      self = try Section(node, file: file, name: "")
    } catch let error as ConfigurationError {
      throw error
    } catch let error as YamlError {
      throw ConfigurationError(
        code: "configuration.syntax", path: file, line: Section.line(of: error),
        reason: "is not YAML: \(error)")
    } catch {
      throw ConfigurationError(
        code: "configuration.syntax", path: file, line: nil, reason: "is not YAML: \(error)")
    }
  }

  private init(_ node: Node, file: String, name: String) throws(ConfigurationError) {
    self.file = file
    self.name = name
    if case .scalar(let scalar) = node, scalar.string.isEmpty {
      values = [:]
      keys = []
      return
    }
    guard case .mapping(let mapping) = node else {
      throw ConfigurationError(
        code: "configuration.value", path: file, line: node.mark?.line,
        reason: name.isEmpty ? "has to be a mapping of sections" : "\(name) has to be a mapping of keys")
    }
    var values: [String: Node] = [:]
    var keys: [(String, Int?)] = []
    for (key, value) in mapping {
      let text = key.string ?? ""
      guard values.updateValue(value, forKey: text) == nil else {
        throw ConfigurationError(
          code: "configuration.value", path: file, line: key.mark?.line,
          reason: "\(Section.joined(name, text)) stands twice")
      }
      keys.append((text, key.mark?.line))
    }
    self.values = values
    self.keys = keys
  }

  /// A text; nil where it is missing or empty.
  public mutating func text(_ key: String) throws(ConfigurationError) -> String? {
    guard let node = ask(key) else { return nil }
    guard case .scalar(let scalar) = node else { throw wrong(key, "has to be one text") }
    return scalar.string.isEmpty ? nil : scalar.string
  }

  /// A whole number in `range`.
  public mutating func number(_ key: String, _ range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
    guard let text = try text(key) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw wrong(
        key, "has to be a whole number from \(range.lowerBound) to \(range.upperBound), not \(text)")
    }
    return number
  }

  /// `yes` or `no` (`true`, `false`, `on`, `off`).
  public mutating func flag(_ key: String) throws(ConfigurationError) -> Bool? {
    guard let text = try text(key) else { return nil }
    switch text.lowercased() {
    case "yes", "true", "on": return true
    case "no", "false", "off": return false
    default: throw wrong(key, "has to be yes or no, not \(text)")
    }
  }

  /// One of a few words.
  public mutating func choice(_ key: String, _ words: [String]) throws(ConfigurationError) -> String? {
    guard let text = try text(key) else { return nil }
    guard words.contains(text) else {
      throw wrong(
        key, "has to be \(words.dropLast().joined(separator: ", ")) or \(words.last ?? ""), not \(text)")
    }
    return text
  }

  /// An absolute path.
  public mutating func path(_ key: String) throws(ConfigurationError) -> String? {
    guard let text = try text(key) else { return nil }
    guard text.hasPrefix("/"), !text.utf8.contains(0) else {
      throw wrong(key, "has to be an absolute path, not \(text)")
    }
    return text
  }

  /// Several texts: a list, or one text alone.
  public mutating func texts(_ key: String) throws(ConfigurationError) -> [String] {
    guard let node = ask(key) else { return [] }
    switch node {
    case .scalar(let scalar): return scalar.string.isEmpty ? [] : [scalar.string]
    case .sequence(let sequence):
      var texts: [String] = []
      for item in sequence {
        guard case .scalar(let scalar) = item else { throw wrong(key, "has to be a list of texts") }
        texts.append(scalar.string)
      }
      return texts
    default: throw wrong(key, "has to be a list of texts")
    }
  }

  /// A section below this one; nil where it is missing.
  public mutating func section(_ key: String) throws(ConfigurationError) -> Section? {
    guard let node = ask(key) else { return nil }
    return try Section(node, file: file, name: Section.joined(name, key))
  }

  /// A list of sections.
  public mutating func sections(_ key: String) throws(ConfigurationError) -> [Section] {
    guard let node = ask(key) else { return [] }
    guard case .sequence(let sequence) = node else { throw wrong(key, "has to be a list") }
    var sections: [Section] = []
    for (index, item) in sequence.enumerated() {
      sections.append(try Section(item, file: file, name: "\(Section.joined(name, key))[\(index + 1)]"))
    }
    return sections
  }

  /// The keys, in the file's order; for sections whose keys are names.
  public var names: [String] { keys.map(\.name) }

  /// Throws `configuration.unknownKey` for the first key that nobody asked for.
  public func end() throws(ConfigurationError) {
    guard let unknown = keys.first(where: { !asked.contains($0.name) }) else { return }
    throw ConfigurationError(
      code: "configuration.unknownKey", path: file, line: unknown.line,
      reason: "there is no key \(Section.joined(name, unknown.name)); known here: "
        + asked.sorted().joined(separator: ", "))
  }

  /// An error about the value of `key`, with its line.
  public func wrong(_ key: String, _ reason: String) -> ConfigurationError {
    ConfigurationError(
      code: "configuration.value", path: file, line: values[key]?.mark?.line,
      reason: "\(Section.joined(name, key)) \(reason)")
  }

  private mutating func ask(_ key: String) -> Node? {
    asked.insert(key)
    return values[key]
  }

  private static func joined(_ name: String, _ key: String) -> String {
    name.isEmpty ? key : "\(name).\(key)"
  }

  private static func line(of error: YamlError) -> Int? {
    switch error {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
    default: nil
    }
  }
}
