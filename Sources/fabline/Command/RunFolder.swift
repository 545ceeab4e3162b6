import Glibc

/// The folder with the sockets: `fablined`'s, its drivers', and those of direct prints.
struct RunFolder: Equatable, Sendable {
  /// The folder itself.
  var path: String
  /// The user's own was taken because nobody named one.
  private var isGuessed = false

  /// `--run`, else `FABLINE_RUN`, else `XDG_RUNTIME_DIR/fabline`, else `/run/fabline`.
  init(option: String? = nil, environment: (String) -> String? = RunFolder.environment) {
    if let named = option ?? environment("FABLINE_RUN"), !named.isEmpty {
      path = RunFolder.absolute(named)
    } else if let runtime = environment("XDG_RUNTIME_DIR"), !runtime.isEmpty {
      path = runtime + "/fabline"
      isGuessed = true
    } else {
      path = RunFolder.machines
    }
  }

  /// Wraps a known folder.
  init(path: String) { self.path = path }

  /// Where `fablined` listens.
  var supervisorSocket: String { supervisorFolder + "/api.sock" }
  /// Where its drivers listen, as `NAME.sock`.
  var driverFolder: String { supervisorFolder + "/drivers" }

  /// The user's own supervisor, or where there is none, that of the whole machine.
  private var supervisorFolder: String {
    let machines = RunFolder.machines
    guard isGuessed, access(path + "/api.sock", F_OK) != 0, access(machines + "/api.sock", F_OK) == 0 else {
      return path
    }
    return machines
  }

  /// The folder of a supervisor that was installed for the whole machine.
  static let machines = "/run/fabline"
  /// Where direct prints live, as `NAME/driver.sock`.
  var directFolder: String { path + "/direct" }

  /// The folder for direct prints of a user for whom `/run/fabline` cannot be made and who has no run-time folder.
  ///
  /// Not beside a supervisor's sockets then, but in a folder of that user's own.
  static var ownFallback: RunFolder { RunFolder(path: "/tmp/fabline-\(getuid())") }

  /// A variable of the environment.
  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// `path` with the working directory before it where it is relative.
  static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    guard let buffer = getcwd(nil, 0) else { return path }
    defer { free(buffer) }
    return String(cString: buffer) + "/" + path
  }
}
