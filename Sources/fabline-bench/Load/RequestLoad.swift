import CLinux
import Foundation
import Synchronization

/// Clients that ask at a fixed rate, and others that follow the events, until they are told to stop.
final class RequestLoad: Sendable {
  /// What they saw.
  struct Figures: Sendable {
    var requests = 0
    /// Requests without an answer below 400, and event streams that ended.
    var errors = 0
    /// Of each request, from when it was due: a server that is late is not let off by asking later.
    var microseconds: [Int] = []
    var eventBytes = 0

    var words: String {
      let sorted = microseconds.sorted()
      func part(_ share: Double) -> Int {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
      }
      return "\(requests) requests, p50/p99/p99.9 \(part(0.5))/\(part(0.99))/\(part(0.999)) us, "
        + "\(errors) errors, \(eventBytes / 1000) kB of events"
    }
  }

  private let socket: String
  private let paths: [String]
  private let figures = Mutex(Figures())
  private let isOver = Mutex(false)
  private let ended = DispatchSemaphore(value: 0)
  private static let clients = 8

  /// Asks `rate` times a second for `paths` in turn, and follows the events `streams` times.
  init(socket: String, paths: [String], rate: Int, streams: Int) throws {
    self.socket = socket
    self.paths = paths
    let followers = try (0..<streams).map { _ in try Self.follower(socket) }
    for client in 0..<Self.clients {
      thread { [self] in ask(client, every: Self.clients * 1_000_000_000 / rate) }
    }
    thread { [self] in follow(followers) }
  }

  /// Ends everything and tells what came.
  func stop() -> Figures {
    isOver.withLock { $0 = true }
    for _ in 0...Self.clients { ended.wait() }
    return figures.withLock { $0 }
  }

  private func thread(_ body: @escaping @Sendable () -> Void) {
    let thread = Thread {
      body()
      self.ended.signal()
    }
    thread.start()
  }

  private func ask(_ client: Int, every nanoseconds: Int) {
    let connection = KeptConnection(.unix(socket))
    var due = clinux_monotonic_ns() + Int64(nanoseconds * client / Self.clients)
    var turn = client
    while !isOver.withLock({ $0 }) {
      let early = due - clinux_monotonic_ns()
      if early > 0 { usleep(UInt32(early / 1000)) }
      let status = try? connection.ask("GET", paths[turn % paths.count])
      let took = Int((clinux_monotonic_ns() - due) / 1000)
      figures.withLock { figures in
        figures.requests += 1
        figures.microseconds.append(took)
        if (status ?? 599) >= 400 { figures.errors += 1 }
      }
      due += Int64(nanoseconds)
      turn += 1
    }
  }

  private static func follower(_ socket: String) throws -> Int32 {
    let descriptor = try ServerAddress.unix(socket).connect()
    let request = Array("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
    guard request.withUnsafeBytes({ clinux_send(descriptor, $0.baseAddress, $0.count) }) == request.count
    else {
      throw BenchError("an event stream does not open")
    }
    return descriptor
  }

  private func follow(_ followers: [Int32]) {
    var waits = followers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    var isFirst = Set(followers)
    while !isOver.withLock({ $0 }) {
      guard poll(&waits, nfds_t(waits.count), 200) > 0 else { continue }
      for index in waits.indices where waits[index].revents != 0 {
        let descriptor = waits[index].fd
        let count = recv(descriptor, &piece, piece.count, 0)
        let isRefused =
          isFirst.remove(descriptor) != nil
          && !String(decoding: piece[..<max(0, count)], as: UTF8.self).hasPrefix("HTTP/1.1 200")
        figures.withLock { figures in
          figures.eventBytes += max(0, count)
          if count <= 0 || isRefused { figures.errors += 1 }
        }
        if count <= 0 || isRefused { waits[index].fd = -1 }
      }
    }
    for descriptor in followers { close(descriptor) }
  }
}
