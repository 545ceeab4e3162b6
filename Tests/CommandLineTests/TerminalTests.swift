import Glibc
import Testing

@testable import fabline

@Suite struct TerminalTests {
  private func terminal(_ variables: [String: String]) throws -> Terminal {
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(master >= 0)
    defer { close(master) }
    // Glibc's module hides posix_openpt and its kin: TIOCSPTLCK and TIOCGPTN are what they do.
    var unlocked: Int32 = 0
    var number: Int32 = 0
    try #require(ioctl(master, 0x4004_5431, &unlocked) == 0 && ioctl(master, 0x8004_5430, &number) == 0)
    let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    try #require(slave >= 0)
    defer { close(slave) }
    var size = winsize(ws_row: 24, ws_col: 97, ws_xpixel: 0, ws_ypixel: 0)
    try #require(ioctl(slave, UInt(TIOCSWINSZ), &size) == 0)
    return Terminal.look(at: slave) { variables[$0] }
  }

  @Test func aTerminalHasItsWidthAndColours() throws {
    let terminal = try terminal(["TERM": "xterm", "LANG": "de_DE.UTF-8"])
    #expect(terminal == Terminal(isTerminal: true, width: 97, colour: true, unicode: true))
  }

  @Test func noColorIsHonoured() throws {
    #expect(try terminal(["TERM": "xterm", "NO_COLOR": "1"]).colour == false)
    // An empty value counts as not set (no-color.org).
    #expect(try terminal(["TERM": "xterm", "NO_COLOR": ""]).colour == true)
  }

  @Test func aDumbTerminalIsNotRedrawn() throws {
    let terminal = try terminal(["TERM": "dumb"])
    #expect(!terminal.isTerminal && !terminal.colour && terminal.width == 97)
  }

  @Test func theLocaleTellsTheEncoding() throws {
    #expect(try terminal(["LANG": "C"]).unicode == false)
    #expect(try terminal([:]).unicode == false)
    #expect(try terminal(["LC_ALL": "C", "LANG": "en_US.UTF-8"]).unicode == false)
    #expect(try terminal(["LC_CTYPE": "C.utf8"]).unicode == true)
  }

  @Test func aPipeHasNoWidth() throws {
    var pair: [Int32] = [0, 0]
    try #require(pipe(&pair) == 0)
    defer { for end in pair { close(end) } }
    let pipe = Terminal.look(at: pair[1]) { ["TERM": "xterm", "COLUMNS": "80", "LANG": "C.UTF-8"][$0] }
    #expect(pipe == Terminal(isTerminal: false, width: nil, colour: false, unicode: true))
  }
}
