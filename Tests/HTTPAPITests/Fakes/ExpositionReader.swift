/// Reads Prometheus' text format by its specification, without a line of the code that writes it.
struct ExpositionReader {
  struct Sample: Equatable {
    var name: String
    var labels: [String: String]
    var value: Double
  }

  struct Family {
    var kind: String
    var help: String
    var samples: [Sample] = []
  }

  struct Malformed: Error { var line: String }

  private(set) var families: [String: Family] = [:]

  init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw Malformed(line: "the last line has no end") }
    var current = ""
    for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      let line = String(line)
      if line.hasPrefix("# HELP ") {
        let words = line.split(separator: " ", maxSplits: 3)
        guard words.count == 4, families[String(words[2])] == nil else { throw Malformed(line: line) }
        current = String(words[2])
        families[current] = Family(kind: "", help: String(words[3]))
      } else if line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ")
        guard words.count == 4, words[2] == current, families[current]?.kind == "" else {
          throw Malformed(line: line)
        }
        families[current]?.kind = String(words[3])
      } else {
        let sample = try ExpositionReader.sample(line)
        var base = sample.name
        if families[current]?.kind == "histogram" {
          for suffix in ["_bucket", "_sum", "_count"] where base == current + suffix { base = current }
        }
        guard base == current, families[base] != nil else { throw Malformed(line: line) }
        families[base]?.samples.append(sample)
      }
    }
  }

  /// The value of the sample with exactly these labels.
  func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    families.values.lazy.flatMap(\.samples).first { $0.name == name && $0.labels == labels }?.value
  }

  private static func sample(_ line: String) throws -> Sample {
    var rest = Array(line)[...]
    func name() throws -> String {
      let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
      guard let first = name.first, !first.isNumber else { throw Malformed(line: line) }
      rest = rest.dropFirst(name.count)
      return String(name)
    }
    func take(_ character: Character) -> Bool {
      guard rest.first == character else { return false }
      rest = rest.dropFirst()
      return true
    }
    var sample = Sample(name: try name(), labels: [:], value: 0)
    if take("{") {
      repeat {
        let label = try name()
        guard take("="), take("\""), sample.labels[label] == nil else { throw Malformed(line: line) }
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
          guard character == "\\" else {
            value.append(character)
            continue
          }
          switch rest.popFirst() {
          case "n": value.append("\n")
          case "\\": value.append("\\")
          case "\"": value.append("\"")
          default: throw Malformed(line: line)
          }
        }
        sample.labels[label] = value
      } while take(",")
      guard take("}") else { throw Malformed(line: line) }
    }
    guard take(" ") else { throw Malformed(line: line) }
    switch String(rest) {
    case "NaN": sample.value = .nan
    case "+Inf": sample.value = .infinity
    case "-Inf": sample.value = -.infinity
    case let text:
      guard let value = Double(text) else { throw Malformed(line: line) }
      sample.value = value
    }
    return sample
  }
}
