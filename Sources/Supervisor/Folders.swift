import Foundation
import Glibc

/// Where a supervisor keeps what must last (`state`) and what may go with the machine's power (`run`).
public struct Folders: Equatable, Sendable {
  /// Database, files, logs, the drivers' journals.
  public var state: String
  /// Sockets, locks and the drivers' progress pages; best on a tmpfs.
  public var run: String

  /// Wraps two absolute paths.
  public init(state: String, run: String) {
    self.state = state
    self.run = run
  }

  /// Finds the folders: what was asked for, else `FABLINE_STATE` and `FABLINE_RUN`, else the XDG folders, else root's or the
  /// user's own.
  public static func resolve(
    state: String?, run: String?, environment: [String: String], isRoot: Bool, home: String
  ) -> Folders {
    func set(_ key: String) -> String? { environment[key].flatMap { $0.isEmpty ? nil : $0 } }
    let stateFolder =
      state ?? set("FABLINE_STATE") ?? set("XDG_STATE_HOME").map { "\($0)/fabline" }
      ?? (isRoot ? "/var/lib/fabline" : "\(home)/.local/state/fabline")
    let runFolder =
      run ?? set("FABLINE_RUN") ?? set("XDG_RUNTIME_DIR").map { "\($0)/fabline" } ?? "/run/fabline"
    return Folders(state: absolute(stateFolder), run: absolute(runFolder))
  }

  /// The socket that serves the API.
  public var apiSocket: String { "\(run)/api.sock" }
  /// Where the drivers' sockets are.
  public var driverSockets: String { "\(run)/drivers" }
  /// A driver's control socket.
  public func driverSocket(_ machine: String) -> String { "\(driverSockets)/\(machine).sock" }
  /// A driver's own run folder, for its progress page.
  public func driverRun(_ machine: String) -> String { "\(driverSockets)/\(machine)" }
  /// A driver's own state folder: journal, recorder dumps, wire log.
  public func driverState(_ machine: String) -> String { "\(state)/drivers/\(machine)" }
  /// What a driver writes to stderr.
  public func driverLog(_ machine: String) -> String { "\(driverState(machine))/driver.log" }
  /// The rotating log.
  public var log: String { "\(state)/log/fablined.log" }

  /// Makes every folder that is missing, readable by owner and group only.
  public func create() throws(HostError) {
    for path in [state, "\(state)/log", "\(state)/drivers", run, driverSockets] {
      do {
        try FileManager.default.createDirectory(
          atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
      } catch {
        let cause = (error as NSError).localizedFailureReason ?? error.localizedDescription
        throw HostError(
          code: "folder.create",
          sentence: "cannot make the folder \(path): \(cause) "
            + "Choose another with --state or --run, or make it for this user.")
      }
      guard access(path, R_OK | W_OK | X_OK) == 0 else {
        throw HostError(
          code: "folder.permission",
          sentence: "the folder \(path) cannot be written by this user: "
            + "choose another with --state or --run.")
      }
    }
    guard takes(machine: "machine") else {
      throw HostError(
        code: "folder.tooLong",
        sentence: "the run folder's path is too long for a socket (\(run)): choose a shorter one with --run.")
    }
  }

  /// Whether the socket of a driver for `machine` has a name that the kernel takes: at most 107 bytes.
  public func takes(machine: String) -> Bool { driverSocket(machine).utf8.count <= 107 }

  private static func absolute(_ path: String) -> String {
    let full = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    return full.count > 1 && full.hasSuffix("/") ? String(full.dropLast()) : full
  }
}
