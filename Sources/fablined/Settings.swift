import Foundation
import Glibc
import HostConfiguration
import Supervisor

/// What `fablined` goes by: options before environment before configuration before the usual.
struct Settings: Sendable {
  /// Where the configuration was looked for.
  var file: ConfigurationFile
  /// What it says, options and environment applied.
  var configuration: HostConfiguration
  /// State and sockets.
  var folders: Folders
  /// The least level that is logged.
  var logLevel: LogLevel
  /// The log's file.
  var logPath: String
  /// The driver program that was named.
  var driver: String?
  /// The folder of the web page's files that was named.
  var page: String?

  /// Puts them together. Throws `HostError` and `ConfigurationError`.
  init(options: Options, environment: [String: String]) throws {
    let home = FileManager.default.homeDirectoryForCurrentUser.path
    file = ConfigurationFile.resolve(
      option: options.config, environment: environment, isRoot: geteuid() == 0, home: home)
    configuration = try file.read()
    let host = configuration.host
    func isSet(_ key: String) -> Bool { environment[key].map { !$0.isEmpty } ?? false }
    folders = Folders.resolve(
      state: options.state ?? (isSet("FABLINE_STATE") ? nil : host.state),
      run: options.run ?? (isSet("FABLINE_RUN") ? nil : host.run), environment: environment,
      isRoot: geteuid() == 0, home: home)
    logLevel = options.logLevel ?? host.logLevel.flatMap(LogLevel.init(rawValue:)) ?? .info
    logPath = options.logFile ?? host.logFile ?? folders.log
    driver = options.driver ?? host.driver
    page = options.page ?? (isSet("FABLINE_PAGE") ? environment["FABLINE_PAGE"] : nil)
    if !options.listen.isEmpty {
      configuration.network.listen = options.listen
    } else if let words = environment["FABLINE_LISTEN"], !words.isEmpty {
      configuration.network.listen = try words.split(separator: ",").map { word in
        try Options.address(word.trimmingCharacters(in: .whitespaces), "FABLINE_LISTEN")
      }
    }
  }
}

/// `fablined --check`: reads everything that a start would read, and starts nothing.
struct ConfigurationCheck {
  let options: Options

  func run() throws {
    let settings = try Settings(options: options, environment: ProcessInfo.processInfo.environment)
    let network = settings.configuration.network
    let source =
      settings.file.exists
      ? "\(settings.file.path): all is well" : "no \(settings.file.path): the defaults hold"
    print("\(source); state in \(settings.folders.state), sockets in \(settings.folders.run)")
    guard !network.listen.isEmpty else { return print("listens on the Unix socket only") }
    print("listens on \(network.listen.map(\.text).joined(separator: ", ")) besides")
  }
}
