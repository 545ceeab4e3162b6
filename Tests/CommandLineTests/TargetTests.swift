import Testing

@testable import fabline

@Suite struct TargetTests {
  @Test(arguments: [("12", 12), ("1", 1), ("007", 7), ("9223372036854775807", Int64.max)])
  func digitsAreAJob(_ text: String, _ number: Int64) {
    #expect(Target(argument: text) == .job(number))
  }

  @Test(arguments: ["ender", "MK3S-2", "a1", "1a", "prusa_mk4"])
  func anythingElseOfANamesLettersIsAMachine(_ text: String) {
    #expect(Target(argument: text) == .machine(text))
  }

  @Test(arguments: ["", "0", "-5", "--json", "a b", "../x", "ender!", "käfer", "9223372036854775808"])
  func theRestIsNeither(_ text: String) {
    #expect(Target(argument: text) == nil)
  }

  @Test func aNameHoldsAtMost64Letters() {
    #expect(MachineName(argument: String(repeating: "a", count: 64)) != nil)
    #expect(MachineName(argument: String(repeating: "a", count: 65)) == nil)
  }

  @Test func theVerbsTakeBoth() throws {
    let job = try #require(try Fabline.parseAsRoot(["pause", "12"]) as? Pause)
    #expect(job.target == .job(12))
    let machine = try #require(try Fabline.parseAsRoot(["pause", "ender", "--json"]) as? Pause)
    #expect(machine.target == .machine("ender"))
    #expect(machine.common.json)
  }
}
