import APIModel
import Testing

@testable import fabline

@Suite("Typing a password") struct PasswordLineTests {
  private func typed(_ bytes: [UInt8]) -> (PasswordLine, PasswordLine.Step) {
    var line = PasswordLine()
    var step = PasswordLine.Step.more
    for byte in bytes where step == .more { step = line.type(byte) }
    return (line, step)
  }

  @Test("return ends it; the last character is taken back whole, Ctrl-U takes all of it")
  func editing() {
    #expect(typed(Array("secret\r".utf8)).0.text == "secret")
    #expect(typed(Array("비밀x".utf8) + [0x7F, 0x7F, 0x0A]).0.text == "비")
    #expect(typed(Array("wrong".utf8) + [0x15] + Array("right\n".utf8)).0.text == "right")
    #expect(typed([0x7F, 0x08, 0x61, 0x0A]).0.text == "a")
  }

  @Test("Ctrl-C ends it, and Ctrl-D where nothing was typed; other control characters are nothing")
  func cancelled() {
    #expect(typed(Array("abc".utf8) + [0x03]).1 == .cancelled)
    #expect(typed([0x04]).1 == .cancelled)
    #expect(typed([0x61, 0x04, 0x1B, 0x0A]).0.text == "a")
    #expect(typed([0xFF, 0x0A]).0.text == nil)
  }

  @Test("a row of the audit log is one line, whatever stands in it")
  func auditLine() {
    var row = AuditModel(
      id: 1, at: "2026-11-28T22:04:11.020Z", who: "kim", via: "session", what: "sign-in", outcome: "refused")
    row.address = "192.0.2.1"
    row.target = "a\u{1B}[2Jb\nc"
    row.detail = "words"
    let line = PeopleText.line(row, colour: false)
    #expect(line.contains(" refused kim (session, 192.0.2.1) sign-in a"))
    #expect(!line.contains("\u{1B}") && !line.contains("\n"))
  }
}
