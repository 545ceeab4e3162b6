import Testing

@testable import fabline_bench

@Suite("The bench's command line")
struct ArgumentTests {
  private func complaint(_ words: [String]) -> String? {
    do throws(UsageError) {
      _ = try Verb.order(words)
      return nil
    } catch {
      return error.description
    }
  }

  private func help(_ words: [String]) throws -> String? {
    guard case .help(let text) = try Verb.order(words) else { return nil }
    return text
  }

  /// A mistyped word must not start an hour's measurement.
  @Test(
    arguments: [
      ([], "which measurement"), (["streem"], "no measurement streem"), (["--runs", "1"], "no measurement"),
      (["stream", "--lanes", "5"], "no option --lanes"), (["stream", "now"], "takes no now"),
      (["print", "--lines"], "--lines wants a value"), (["print", "--lines", "many"], "not many"),
      (["print", "--lines", "0"], "above 0"), (["print", "--lines", "-5"], "not -5"),
      (["print", "--lines", "--runs"], "--lines wants a value"),
      (["campaign", "--trace=yes"], "--trace takes no value"),
      (["campaign", "--seed", "x"], "--seed wants a whole number"),
      (["pingpong", "/dev/ttyUSB0"], "wants FILE"), (["instructions", "--lines", "4"], "no option --lines"),
    ])
  func wrongWordsAreRefused(_ words: [String], sentence: String) {
    let said = complaint(words)
    #expect(said?.contains(sentence) == true, "\(said ?? "taken")")
    #expect(said?.contains("--help") == true)
  }

  @Test(arguments: Verb.all.map(\.name))
  func helpExplainsAndMeasuresNothing(_ name: String) throws {
    let verb = try #require(Verb.all.first { $0.name == name })
    for words in [[name, "--help"], [name, "-h"]] {
      let text = try #require(try help(words))
      #expect(text.hasPrefix("usage: fabline-bench \(name)"))
      for option in verb.options { #expect(text.contains("  \(option.name)")) }
    }
    #expect(try #require(try help(["--help"])).contains("  \(name) "))
  }

  /// Whatever stands before it.
  @Test func helpIsSeenBehindOtherWords() throws {
    #expect(try help(["stream", "--lines", "5", "--help"])?.hasPrefix("usage: fabline-bench stream") == true)
  }

  @Test func valuesAreRead() throws {
    guard
      case .measure(let verb, let arguments) = try Verb.order([
        "campaign", "--prints=7", "--seed", "18446744073709551615", "--trace", "--dialect", "rrf",
      ])
    else {
      Issue.record("no measurement")
      return
    }
    #expect(verb.name == "campaign")
    #expect(arguments.number("--prints", 1) == 7)
    #expect(arguments.number("--window", 3) == 3)
    #expect(arguments.seed("--seed") == .max)
    #expect(arguments.has("--trace"))
    #expect(!arguments.has("--latency"))
    #expect(arguments.text("--dialect") == "rrf")
  }
}
