import DriverClient
import DriverInterface
import Glibc

/// Where a direct print's driver lives: `RUN/direct/NAME/`.
struct DirectPlace: Equatable, Sendable {
  /// The name to attach by.
  var name: String
  /// The folder.
  var folder: String
  /// The driver's socket.
  var socket: String

  var state: String { folder + "/state" }
  var run: String { folder + "/run" }
  var log: String { folder + "/driver.log" }

  /// The place for a port: `ttyUSB0`, or `pts-3` where the last part is only digits.
  init(port: String, runFolder: RunFolder) {
    let parts = port.split(separator: "/").map { part in
      String(String.UnicodeScalarView(part.unicodeScalars.map { Self.plain($0) ? $0 : "-" }))
    }
    var name = parts.last ?? "port"
    if MachineName(argument: name) == nil { name = parts.suffix(2).joined(separator: "-") }
    if MachineName(argument: name) == nil { name = "port-" + name.suffix(50) }
    self.init(name: name, runFolder: runFolder)
  }

  /// The place of a name.
  init(name: String, runFolder: RunFolder) {
    let folder = runFolder.directFolder + "/" + name
    self.init(name: name, folder: folder, socket: folder + "/driver.sock")
  }

  /// A place whose parts are known.
  init(name: String, folder: String, socket: String) {
    self.name = name
    self.folder = folder
    self.socket = socket
  }

  private static func plain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", "A"..."Z", "a"..."z", "-", "_": true
    default: false
    }
  }

  /// The places that exist below `runFolder`.
  static func all(in runFolder: RunFolder) -> [DirectPlace] {
    guard let folder = opendir(runFolder.directFolder) else { return [] }
    defer { closedir(folder) }
    var places: [DirectPlace] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if MachineName(argument: name) != nil { places.append(DirectPlace(name: name, runFolder: runFolder)) }
    }
    return places.sorted { $0.name < $1.name }
  }
}

/// What a direct print asks of its driver.
struct DirectOptions: Equatable, Sendable {
  var port: String
  var baud: Int
  var dialect: String?
  var maxTool: Double
  var maxBed: Double
  var resetsOnOpen: Choice?
  var wireLog = false
  /// Bytes of the firmware's receive buffer, where known.
  var receiveBuffer: Int?
  /// Lines of its command queue, where known.
  var queueLines: Int?
  /// The most lines in flight.
  var window: Int?
  /// A laser may burn under M3.
  var allowM3 = false
  /// The wire thread's real-time priority.
  var realtime: Int?

  /// The driver's arguments.
  func arguments(_ place: DirectPlace) -> [String] {
    var arguments = [
      "--machine", place.name, "--port", port, "--baud", "\(baud)", "--socket", place.socket, "--state",
      place.state,
      "--run", place.run, "--max-tool", NumberText.decimal(maxTool), "--max-bed", NumberText.decimal(maxBed),
      "--resets-on-open", resetsOnOpen?.rawValue ?? "unknown",
    ]
    arguments += ["--dialect", dialect ?? "auto"]
    if allowM3 { arguments.append("--allow-m3") }
    if let receiveBuffer { arguments += ["--receive-buffer", "\(receiveBuffer)"] }
    if let queueLines { arguments += ["--queue-lines", "\(queueLines)"] }
    if let window { arguments += ["--window", "\(window)"] }
    if wireLog { arguments.append("--wire-log") }
    if let realtime { arguments += ["--realtime", "\(realtime)"] }
    return arguments
  }
}

/// A driver of a direct print, and the connection to it.
struct DirectDriver: Sendable {
  let place: DirectPlace
  let connection: DriverConnection
  let process: DriverProcess

  /// Starts a driver and greets it.
  static func start(_ options: DirectOptions, at place: DirectPlace) async throws -> DirectDriver {
    try Folders.make(place.state)
    try Folders.make(place.run)
    let arguments = options.arguments(place)
    try place.keep(arguments)
    return try await start(arguments, at: place)
  }

  /// Starts a driver with these arguments in a place that exists, and greets it.
  static func start(_ arguments: [String], at place: DirectPlace) async throws -> DirectDriver {
    let program = try Siblings.path(of: "fabline-driver")
    let log = open(place.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    defer { if log >= 0 { close(log) } }
    let process: DriverProcess
    do {
      process = try DriverProcess.spawn(
        executable: program, arguments: arguments, log: log >= 0 ? log : nil)
    } catch {
      throw Failure(code: error.code, sentence: error.sentence, status: .internalError)
    }
    let connection = try await Polling.until(seconds: 30) { () async throws -> DriverConnection? in
      if process.hasEnded {
        throw Failure(
          code: "driver.ended",
          sentence: "the driver \(process.takeEnd().sentence) before it could be reached"
            + (lastLine(of: place.log).map { ": \($0)" } ?? "; see \(place.log)"), status: .internalError)
      }
      // Not there yet is what is waited for; every other reason shows when the time is over.
      return try? await connect(place.socket)
    }
    guard let connection else {
      process.signal(SIGTERM)
      throw Failure(
        code: "driver.noAnswer", sentence: "the driver does not answer on \(place.socket); see \(place.log)",
        status: .internalError)
    }
    return DirectDriver(place: place, connection: connection, process: process)
  }

  /// Greets a driver that runs.
  static func adopt(_ place: DirectPlace) async throws -> DirectDriver {
    do {
      let connection = try await connect(place.socket)
      let process = try DriverProcess.adopt(pid: connection.driver.pid)
      return DirectDriver(place: place, connection: connection, process: process)
    } catch let error as ConnectionError {
      throw Failure(code: error.code, sentence: error.sentence, status: .unavailable)
    } catch let error as SpawnError {
      throw Failure(code: error.code, sentence: error.sentence, status: .unavailable)
    }
  }

  /// The same driver by a new connection: the events of one can be followed once.
  func again() async throws -> DirectDriver {
    do {
      return DirectDriver(place: place, connection: try await Self.connect(place.socket), process: process)
    } catch {
      throw Failure(code: error.code, sentence: error.sentence, status: .internalError)
    }
  }

  private static func connect(_ socket: String) async throws(ConnectionError) -> DriverConnection {
    try await DriverConnection.connect(socketPath: socket, client: "fabline \(Version.text)")
  }

  /// Asks; a refusal or a lost connection throws.
  @discardableResult
  func ask(_ request: DriverRequest) async throws(Failure) -> DriverReply {
    let reply: DriverReply
    do {
      reply = try await connection.request(request)
    } catch {
      throw Failure(code: error.code, sentence: error.sentence, status: .internalError)
    }
    if case .refused(let fault) = reply { throw Failure(fault) }
    return reply
  }

  /// Switches all heaters off; they are when this returns.
  ///
  /// The driver takes an act on when it may be done; a line's answer comes behind everything that was asked before it.
  func switchOff() async throws(Failure) {
    _ = try await ask(.act(.cool))
    _ = try await ask(.send(line: "M105"))
  }

  /// Everything the driver knows.
  func status() async throws(Failure) -> DriverStatus {
    guard case .status(let status) = try await ask(.status) else {
      throw Failure(code: "driver.malformed", sentence: "the driver gave no status", status: .internalError)
    }
    return status
  }

  /// Ends the driver and waits for its end; by a signal where it does not answer.
  func end(force: Bool = false) async {
    // A driver that is gone already has ended: that is what is asked for.
    _ = try? await connection.request(.end(force: force))
    connection.close()
    let ended = try? await Polling.until(seconds: 5) { process.hasEnded ? true : nil }
    if ended != true {
      process.signal(SIGTERM)
      _ = try? await Polling.until(seconds: 5) { process.hasEnded ? true : nil }
    }
    _ = process.takeEnd()
  }

  private static func lastLine(of path: String) -> String? {
    guard let bytes = try? FilePieces(path: path).makeIterator().next() else { return nil }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").last.map(String.init)
  }
}

extension Failure {
  /// What the driver says went wrong; `port` stands before a sentence that does not name it.
  init(_ fault: Fault, port: String? = nil) {
    let head = port.flatMap { fault.sentence.contains($0) ? nil : $0 + ": " } ?? ""
    self.init(code: fault.code, sentence: head + fault.sentence, status: SysExit(faultCode: fault.code))
  }
}
