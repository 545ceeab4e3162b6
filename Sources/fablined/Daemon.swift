import CLinux
import Foundation
import Glibc
import HTTPAPI
import HostConfiguration
import JobStore
import Logging
import Notices
import Outgoing
import ServiceLifecycle
import Supervisor

/// Puts the parts together and runs them until the process is asked to end.
struct Daemon {
  let options: Options

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let notifier = ServiceNotifier(environment: environment, pid: getpid())
    ServiceNotifier.forget()
    // Sockets and files are for owner and group at most, from the moment they exist.
    umask(0o027)
    _ = clinux_heap_limit(2)
    signal(SIGPIPE, SIG_IGN)
    let settings = try Settings(options: options, environment: environment)
    let folders = settings.folders
    let driver = try driverProgram(settings.driver)
    let subscriptions = try Subscriptions(settings.configuration.notices)
    try folders.create()
    let lock = try FolderLock(folder: folders.run, name: "fablined.lock", option: "--run")
    let opening = try await JobStore.open(folder: folders.state)
    let logPath = try logFile(settings.logPath)
    let writer = LogWriter(file: logPath)
    let hub = EventHub(
      subscribers: settings.configuration.limits.eventStreams, numbersPath: "\(folders.state)/events.next",
      writer: writer)
    let handler = EventLogHandler(hub: hub, level: settings.logLevel.swiftLog)
    let log = Logger(label: "fablined", factory: { _ in handler })
    log.notice(
      "fablined \(Version.text), pid \(getpid()), state in \(folders.state), sockets in \(folders.run)")
    if let damage = opening.damage { log.error("\(damage.sentence)") }
    let units = environment["FABLINE_DRIVER_SOCKET"].flatMap { $0.isEmpty ? nil : DriverUnits(path: $0) }
    let manager = HostManager(environment: environment)
    let supervisor = Supervisor(
      store: opening.store,
      host: ProcessDriverHost(
        executable: driver, folders: folders, client: "fablined \(Version.text)",
        oomScore: MemoryPressure.stepBack(), units: units, log: log),
      hub: hub, folders: folders, log: log, archive: LogArchive(path: logPath),
      devices: SystemDevices(),
      inhibitor: ShutdownInhibitor(path: environment["PATH"] ?? "/usr/bin:/bin", log: log),
      departure: { await manager.departure() })
    let (serving, isServing) = AsyncStream.makeStream(of: Void.self)
    let page = PageFiles.read(named: settings.page, program: ownProgram)
    if case .failure(let error) = page { log.error("\(error.sentence)") }
    let cameras = Cameras()
    let server = try APIServer(
      supervisor: supervisor, version: Version.text, configuration: settings.configuration,
      configurationPath: settings.file.exists ? settings.file.path : nil, page: page, cameras: cameras,
      log: log
    ) { isServing.yield() }
    let signs = LifeSigns(supervisor: supervisor, notifier: notifier, serving: serving, log: log)
    var services: [any Service] = [supervisor, server, signs, DamageWatch(store: opening.store)]
    if !subscriptions.isEmpty {
      services.append(NoticeService(subscriptions, supervisor: supervisor, cameras: cameras, log: log))
    }
    if let mqtt = try mqtt(settings.configuration.mqtt, supervisor, log) { services.append(mqtt) }
    let tidying = Task { try await tidy() }
    defer { tidying.cancel() }
    let result: Result<Void, any Error>
    do {
      try await serve(services, log: log)
      result = .success(())
    } catch {
      log.error("ended by an error: \(error)")
      result = .failure(error)
    }
    log.notice("ended; drivers go on")
    writer.close()
    withExtendedLifetime(lock) {}
    try result.get()
    unlink(folders.apiSocket)
  }

  /// Tells the broker that is configured; nil where none is.
  private func mqtt(_ section: MQTTSection, _ supervisor: Supervisor, _ log: Logger) throws -> (any Service)?
  {
    guard section.host != nil else { return nil }
    #if MQTT
      return try MQTTService(section, supervisor: supervisor, log: log)
    #else
      throw HostError(
        code: "mqtt.missing",
        sentence: "the configuration names an MQTT broker, and this program was built without MQTT: "
          + "build it with `swift build --traits MQTT`, or take mqtt.host away.")
    #endif
  }

  /// Gives back what an upload or a long list needed, and what is mapped of the code: the start, and each print's beginning
  /// and end, run through much that rests for hours afterwards. The file's pages stay in the kernel's cache as long as it has
  /// room for them; what is needed again is mapped again, some hundred faults of a microsecond.
  private func tidy() async throws {
    while true {
      try await Task.sleep(for: .seconds(30))
      clinux_heap_trim()
      clinux_code_release()
    }
  }

  /// The log's path, once it is known that it can be written.
  private func logFile(_ path: String) throws(HostError) -> String {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    guard file >= 0 else {
      throw HostError(
        code: "folder.log",
        sentence: "the log \(path) cannot be written: \(String(cString: strerror(errno))).")
    }
    close(file)
    return path
  }

  /// The last ends first. A host that goes down leaves 20 s for parking; whoever has not let go after 25 is cut off.
  private func serve(_ services: [any Service], log: Logger) async throws {
    var quiet = log
    quiet.logLevel = max(log.logLevel, .warning)
    var configuration = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint, .sighup], logger: quiet)
    configuration.maximumGracefulShutdownDuration = .seconds(25)
    configuration.maximumCancellationDuration = .seconds(5)
    try await ServiceGroup(configuration: configuration).run()
  }

  /// Where this program is.
  private var ownProgram: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }

  /// The driver that was named, else the one beside this program.
  private func driverProgram(_ named: String?) throws(HostError) -> String {
    let beside = URL(fileURLWithPath: ownProgram).deletingLastPathComponent().appendingPathComponent(
      "fabline-driver"
    ).path
    let path = named ?? beside
    guard access(path, X_OK) == 0 else {
      throw HostError(
        code: "driver.missing",
        sentence: "the driver program is not at \(path): install it there, or name it with --driver.")
    }
    return path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  /// Prints the one sentence of an error and gives the exit status of sysexits.h.
  static func exit(_ error: any Error) -> Int32 {
    let (code, sentence) =
      switch error {
      case let error as HostError: (error.code, error.sentence)
      case let error as StoreError: (error.code.rawValue, error.sentence)
      case let error as ConfigurationError: (error.code, error.sentence)
      default: ("internal", "ended by an error: \(error)")
      }
    FileHandle.standardError.write(Data("fablined: \(sentence)\n".utf8))
    return switch code {
    case "store.inUse": 69
    case "store.damaged": 65
    case "folder.create", "folder.permission", "folder.log", "store.folder", "store.full": 73
    case "folder.tooLong", "usage": 64
    case "listen.busy", "listen.failed": 69
    case "listen.forbidden": 77
    case "tls.certificate", "tls.key": 78
    case "tls.folder": 73
    case "driver.missing", "configuration.missing", "configuration.unreadable": 66
    case "configuration.syntax", "configuration.unknownKey", "configuration.value", "notices.secret",
      "mqtt.missing":
      78
    default: 70
    }
  }
}
