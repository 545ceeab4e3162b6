import Foundation
import Synchronization

/// Requests a second and latency of Fabline's API beside OctoPrint's, on the same machine in one run, in turns.
///
/// Job list, state and upload of a small file, over a few connections that are kept, each asking again as soon as it has its
/// answer. Fabline answers on its Unix socket, which is its door by default; OctoPrint on TCP, which is its only one.
struct APIComparison {
  var runs: Int
  var seconds: Int
  var connections: Int
  var only: [String]

  /// A server under measurement.
  private struct Server {
    var name: String
    var address: ServerAddress
    var headers: String
    /// Method, path, type and body of each kind of request.
    var requests: [Kind: (String, String, String?, [UInt8])]
    var pid: pid_t
  }

  private enum Kind: String, CaseIterable { case jobs = "job list", state, upload }

  private struct Figures {
    var perSecond = 0.0
    var half = 0.0
    var tail = 0.0
    var errors = 0
    var cpu = 0.0
  }

  func run() throws {
    print("\(StreamBench.machine()), \(Date().formatted(.iso8601))")
    print(
      "\(connections) connections, \(seconds) s a cell, median of \(runs) runs in turns; 20 jobs in the list")
    let shop = try Shop(count: 1, supervisor: ["--log-level", "warning"])
    defer { shop.close() }
    let file = shop.folder.file("part.gcode")
    try SampleFile.write(to: file, lines: 100)
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    for _ in 0..<20 { try shop.fabline(["submit", file, "--machine", "printer-1", "--hold", "bench"]) }
    var servers = [fabline(shop, bytes)]
    let peer = OctoPrintHost()
    defer { peer.finish() }
    if only.isEmpty || only.contains("octoprint") { servers.append(try octoPrint(peer, shop.folder, bytes)) }
    print(Row.left("", 34) + "  requests/s    p50 ms    p99 ms  CPU ms each   errors")
    for kind in Kind.allCases {
      var all: [[Figures]] = servers.map { _ in [] }
      for _ in 0..<runs {
        for (index, server) in servers.enumerated() { all[index].append(try measure(server, kind)) }
      }
      for (server, figures) in zip(servers, all) {
        print(
          Row.left("\(kind.rawValue), \(server.name)", 34)
            + Row.right(median(figures.map(\.perSecond)), 12, 0)
            + Row.right(median(figures.map(\.half)), 10, 2) + Row.right(median(figures.map(\.tail)), 10, 2)
            + Row.right(median(figures.map(\.cpu)), 13, 2)
            + Row.right(Double(figures.reduce(0) { $0 + $1.errors }), 9, 0))
        fflush(nil)
      }
    }
  }

  private func fabline(_ shop: Shop, _ file: [UInt8]) -> Server {
    Server(
      name: "fabline", address: .unix(shop.folder.file("run") + "/api.sock"), headers: "",
      requests: [
        .jobs: ("GET", "/api/v1/jobs", nil, []), .state: ("GET", "/api/v1/machines/printer-1", nil, []),
        .upload: ("POST", "/api/v1/files?name=part.gcode", "text/x.gcode", file),
      ], pid: shop.supervisor.pid)
  }

  private func octoPrint(_ host: OctoPrintHost, _ folder: ScratchFolder, _ file: [UInt8]) throws -> Server {
    let running = try host.serve(in: folder)
    let mark = "fabline-bench-boundary"
    let head =
      "--\(mark)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"part.gcode\"\r\n\r\n"
    let body = Array(head.utf8) + file + Array("\r\n--\(mark)--\r\n".utf8)
    return Server(
      name: host.name, address: .local(running.port), headers: "X-Api-Key: \(running.key)\r\n",
      requests: [
        .jobs: ("GET", "/api/files", nil, []), .state: ("GET", "/api/connection", nil, []),
        .upload: ("POST", "/api/files/local", "multipart/form-data; boundary=\(mark)", body),
      ], pid: running.pid)
  }

  private func measure(_ server: Server, _ kind: Kind) throws -> Figures {
    guard let request = server.requests[kind] else { return Figures() }
    let all = Mutex<(microseconds: [Double], errors: Int)>(([], 0))
    let before = ProcessFigures(of: server.pid)
    let began = Date()
    let end = began.addingTimeInterval(Double(seconds))
    DispatchQueue.concurrentPerform(iterations: connections) { _ in
      let connection = KeptConnection(server.address, headers: server.headers)
      while Date() < end {
        let asked = Date()
        let status = try? connection.ask(request.0, request.1, type: request.2, body: request.3)
        let took = Date().timeIntervalSince(asked) * 1000
        all.withLock {
          $0.microseconds.append(took)
          if (status ?? 599) >= 400 { $0.errors += 1 }
        }
      }
    }
    let wall = Date().timeIntervalSince(began)
    let after = ProcessFigures(of: server.pid)
    let (times, errors) = all.withLock { ($0.microseconds.sorted(), $0.errors) }
    guard !times.isEmpty else { throw BenchError("\(server.name) does not answer") }
    var figures = Figures(perSecond: Double(times.count) / wall, errors: errors)
    figures.half = times[times.count / 2]
    figures.tail = times[min(times.count - 1, times.count * 99 / 100)]
    if let before, let after {
      figures.cpu = (after.cpuSeconds - before.cpuSeconds) * 1000 / Double(times.count)
    }
    return figures
  }
}
