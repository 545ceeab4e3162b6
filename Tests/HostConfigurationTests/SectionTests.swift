import HostConfiguration
import Testing

/// Keys are read one by one, and every error has its line.
@Suite struct SectionTests {
  private func problem(_ text: String, _ read: (inout Section) throws -> Void) -> String? {
    do {
      var section = try Section(text: text, file: "f.yaml")
      try read(&section)
      try section.end()
      return nil
    } catch let error as ConfigurationError {
      return error.sentence
    } catch {
      return "\(error)"
    }
  }

  @Test("Texts, numbers, flags and lists are read; an empty file is an empty configuration")
  func values() throws {
    var section = try Section(text: "a: x\nb: 7\nc: no\nd: [p, q]\ne:\n  f: y\n", file: "f.yaml")
    #expect(try section.text("a") == "x")
    #expect(try section.number("b", 1...9) == 7)
    #expect(try section.flag("c") == false)
    #expect(try section.texts("d") == ["p", "q"])
    var inner = try #require(try section.section("e"))
    #expect(try inner.text("f") == "y")
    #expect(try section.text("missing") == nil)
    try section.end()
    #expect(try Section(text: "", file: "f.yaml").names.isEmpty)
  }

  @Test("What is wrong is told with its line")
  func errors() {
    #expect(
      problem("a: 1\nb: 99\n") {
        _ = try $0.number("a", 1...2); _ = try $0.number("b", 1...9)
      }
        == "f.yaml:2: b has to be a whole number from 1 to 9, not 99")
    #expect(
      problem("a: 1\nbb: 2\n") { _ = try $0.text("a") } == "f.yaml:2: there is no key bb; known here: a")
    #expect(problem("a: maybe\n") { _ = try $0.flag("a") } == "f.yaml:1: a has to be yes or no, not maybe")
    #expect(problem("a: 1\na: 2\n") { _ in }?.hasPrefix("f.yaml") == true)
    #expect(problem("a:\n  - 1\n -\n") { _ in }?.hasPrefix("f.yaml:") == true)
    #expect(problem("just text\n") { _ in } == "f.yaml:1: has to be a mapping of sections")
  }
}
