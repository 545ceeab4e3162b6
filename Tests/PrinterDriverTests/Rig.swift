import CLinux
import DriverClient
import DriverInterface
import Glibc
import PrinterDriver
import Synchronization
import Testing

/// Starts a detached thread.
func startTestThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(body))
  let result = pthread_create(
    &thread, nil,
    { argument in
      guard let argument else { return nil }
      Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
      return nil
    }, box.toOpaque())
  if result == 0 { pthread_detach(thread) }
  return result == 0
}

/// Why a test cannot go on.
struct RigError: Error {
  var words: String
}

/// A folder of one test, removed with it.
final class TestFolder: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/fabline-driver-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw RigError(words: "no folder: errno \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { TestFolder.remove(path) }

  private static func remove(_ path: String) {
    if let listing = opendir(path) {
      while let entry = readdir(listing) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { remove("\(path)/\(name)") }
      }
      closedir(listing)
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { throw RigError(words: "cannot write \(name)") }
    defer { close(file) }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw RigError(words: "cannot write \(name)") }
      rest = rest.dropFirst(count)
    }
    return "\(path)/\(name)"
  }
}

/// A driver for a board, in this process or as a process of its own, and what a test does with it.
final class Rig: Sendable {
  let folder: TestFolder
  let board: FakeBoard
  let configuration: DriverConfiguration
  private let ended = Mutex<Result<Int32, Fault>?>(nil)

  init(
    folder: TestFolder, board: FakeBoard, change: (inout DriverConfiguration) -> Void = { _ in }
  ) {
    var configuration = DriverConfiguration()
    configuration.machine = "test"
    configuration.port = board.path
    configuration.socketPath = folder.path + "/run/test.sock"
    configuration.stateFolder = folder.path + "/state"
    configuration.runFolder = folder.path + "/run"
    configuration.session.resetsOnOpen = .no
    configuration.takesSignals = false
    change(&configuration)
    self.folder = folder
    self.board = board
    self.configuration = configuration
  }

  // MARK: A driver in this process

  func start(opener: @escaping SourceOpener = { (path) throws(Fault) in try FileSource(path: path) }) {
    ended.withLock { $0 = nil }
    _ = startTestThread {
      let result: Result<Int32, Fault>
      do throws(Fault) {
        result = .success(try PrinterDriver.run(self.configuration, opener: opener))
      } catch {
        result = .failure(error)
      }
      self.ended.withLock { $0 = result }
    }
  }

  /// How the driver in this process ended; waits for it.
  func result() async throws -> Result<Int32, Fault> {
    var result: Result<Int32, Fault>?
    try await until("the driver ends") {
      result = self.ended.withLock { $0 }
      return result != nil
    }
    return try #require(result)
  }

  /// Ends the driver in this process.
  func end(_ connection: DriverConnection) async throws {
    #expect(try await connection.request(.end(force: true)) == .done)
    _ = try await result()
    board.end()
  }

  // MARK: A driver as a process

  static var executable: String {
    var path = [UInt8](repeating: 0, count: 4096)
    let count = path.withUnsafeMutableBytes { space in
      space.baseAddress.map { readlink("/proc/self/exe", $0, space.count) } ?? 0
    }
    let own = String(decoding: path[..<max(0, count)], as: UTF8.self)
    let folder = own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."
    // The test bundle lies beside the programs, or inside a folder that does.
    return access(folder + "/fabline-driver", X_OK) == 0
      ? folder + "/fabline-driver" : folder + "/../fabline-driver"
  }

  var arguments: [String] {
    [
      // So fast that the fake board, which takes no time, is never quicker than the wire could be.
      "--machine", configuration.machine, "--port", configuration.port, "--baud", "10000000", "--socket",
      configuration.socketPath, "--state", configuration.stateFolder, "--run", configuration.runFolder,
      "--resets-on-open", "no",
    ]
  }

  func spawn(_ more: String...) throws -> DriverProcess { try spawn(more) }

  func spawn(_ more: [String]) throws -> DriverProcess {
    try DriverProcess.spawn(executable: Rig.executable, arguments: arguments + more)
  }

  // MARK: Clients

  /// Connects as soon as the driver listens.
  func connect() async throws -> DriverConnection {
    var connection: DriverConnection?
    try await until("the driver listens") {
      connection = try? await DriverConnection.connect(
        socketPath: self.configuration.socketPath, client: "test")
      return connection != nil
    }
    return try #require(connection)
  }

  /// Stages a file and starts it once the machine is ready.
  func begin(_ path: String, _ attempt: UInt64, on connection: DriverConnection) async throws {
    try await stage(path, attempt, on: connection)
    try await waitFor(.idle, on: connection)
    #expect(try await connection.request(.start(AttemptID(rawValue: attempt))) == .done)
  }

  func stage(_ path: String, _ attempt: UInt64, on connection: DriverConnection) async throws {
    #expect(try await connection.request(.stage(staged(path, attempt))) == .done)
  }

  func staged(_ path: String, _ attempt: UInt64) -> StagedAttempt {
    var node = stat()
    stat(path, &node)
    return StagedAttempt(
      attempt: AttemptID(rawValue: attempt), job: 7, path: path, size: Int64(node.st_size), name: "part.gcode"
    )
  }

  func waitFor(_ phase: MachinePhase, on connection: DriverConnection) async throws {
    try await waitFor("phase \(phase)", on: connection) { $0.phase == phase }
  }

  @discardableResult
  func waitFor(
    _ what: String, on connection: DriverConnection, _ holds: (DriverStatus) -> Bool
  ) async throws -> DriverStatus {
    var last: DriverStatus?
    try await until(what, { "the status was \(String(describing: last))" }) {
      guard case .status(let status) = try await connection.request(.status) else { return false }
      last = status
      return holds(status)
    }
    return try #require(last)
  }

  /// The outcome of an attempt, as soon as there is one.
  func outcome(_ attempt: UInt64, on connection: DriverConnection) async throws -> AttemptOutcome {
    let isOurs = { (outcome: AttemptOutcome) in outcome.progress.attempt.rawValue == attempt }
    let status = try await waitFor("an outcome", on: connection) { $0.outcomes.contains(where: isOurs) }
    return try #require(status.outcomes.first(where: isOurs))
  }
}

extension DriverConnection {
  /// Asks with more patience than a program has: a disk that other builds keep busy may sync for many seconds.
  func request(_ request: DriverRequest) async throws(ConnectionError) -> DriverReply {
    try await self.request(request, timeout: .seconds(120))
  }
}

/// Waits until a condition holds; three minutes are the same as never, for each line of a print takes several turns of
/// the processor, and a busy machine may have two dozen others waiting for it.
func until(
  _ what: String, _ found: () -> String = { "" }, _ holds: () async throws -> Bool
) async throws {
  let deadline = clinux_monotonic_ns() + 180_000_000_000
  while try await !holds() {
    guard clinux_monotonic_ns() < deadline else {
      throw RigError(words: "waited in vain until \(what); \(found())")
    }
    try await Task.sleep(for: .milliseconds(3))
  }
}

/// A small file: some comments, some blank lines, `count` moves.
func testFile(_ count: Int) -> (text: String, commands: [String]) {
  let commands = (0..<count).map { "G1 X\($0 % 200) Y\($0 / 200) F6000" }
  let lines = commands.enumerated().map {
    $0.offset % 10 == 0 ? "; part \($0.offset)\n\n\($0.element) ; move" : $0.element
  }
  return (lines.joined(separator: "\n") + "\n", commands)
}
