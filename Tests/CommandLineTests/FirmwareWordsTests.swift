import Testing

@testable import fabline

@Suite struct FirmwareWordsTests {
  @Test func anUnknownCommandIsSaidOnce() {
    var words = FirmwareWords()
    #expect(words.note("echo:Unknown command: \"M73 P0 R2\"") == "the firmware does not know M73")
    #expect(words.note("echo:Unknown command: \"M73 P1 R2\"") == nil)
    #expect(words.note("echo:Unknown command: \"M900\"") == "the firmware does not know M900")
  }

  @Test func everythingElseIsSaid() {
    var words = FirmwareWords()
    for _ in 0..<2 { #expect(words.note("echo:busy: paused for user") == "echo:busy: paused for user") }
  }
}
