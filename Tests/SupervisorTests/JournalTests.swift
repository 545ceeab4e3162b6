import CLinux
import Foundation
import Glibc
import Testing

@testable import Supervisor

/// What the journal is sent, read from a socket of the test's own.
@Suite(.timeLimit(.minutes(1))) struct JournalTests {
  private final class Receiver: Sendable {
    let path = "/tmp/fl-journal-\(UInt64.random(in: 1...UInt64.max))"
    private let descriptor: Int32

    init() throws {
      descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      try #require(bound == 0)
      var patience = timeval(tv_sec: 20, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
      close(descriptor)
      unlink(path)
    }

    func next() -> [UInt8] {
      var space = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &space, space.count, 0)
      return Array(space.prefix(max(0, count)))
    }
  }

  @Test("A line arrives with its fields, and does not stand on stderr as well")
  func line() throws {
    let receiver = try Receiver()
    let journal = try #require(JournalSocket(path: receiver.path))
    let writer = LogWriter(file: nil, journal: journal)
    let message = "the cable {by=ann code=link.noise}"
    writer.append(
      LogRecord(id: 7, at: 0, level: .warning, machine: "ender", job: 12, message: message))
    writer.close()
    let fields = String(decoding: receiver.next(), as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(
      fields == [
        "MESSAGE=\(message)", "PRIORITY=4", "SYSLOG_IDENTIFIER=fablined", "FABLINE_EVENT=7",
        "FABLINE_MACHINE=ender", "FABLINE_JOB=12", "FABLINE_CODE=link.noise",
      ])
  }

  @Test("A value with a line feed goes with its length, so that it cannot play a field")
  func lineFeeds() {
    let record = LogRecord(
      id: 1, at: 0, level: .error, machine: nil, job: nil, message: "a\nPRIORITY=0")
    let expected = Array("MESSAGE\n".utf8) + [12, 0, 0, 0, 0, 0, 0, 0] + Array("a\nPRIORITY=0\n".utf8)
    #expect(Array(JournalEntry(record).bytes.prefix(expected.count)) == expected)
    #expect(JournalEntry(record).fields.map(\.name).contains("FABLINE_MACHINE") == false)
  }

  @Test(
    "Where there is no journal there is no socket, and a full or gone one is said not to have taken the line")
  func absent() throws {
    #expect(JournalSocket(path: "/tmp/fl-no-such-journal") == nil)
    let receiver = try Receiver()
    let journal = try #require(JournalSocket(path: receiver.path))
    let entry = JournalEntry(
      LogRecord(id: 1, at: 0, level: .info, machine: nil, job: nil, message: "x"))
    var taken = 0
    // Nobody reads: the kernel keeps a bounded number of datagrams.
    while taken < 100_000, journal.send(entry) { taken += 1 }
    #expect((1..<100_000).contains(taken))
  }
}
