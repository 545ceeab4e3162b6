import CLinux
import Foundation
import Synchronization

/// A supervisor with machines on virtual printers in a folder of its own, all of which may be killed at any moment.
final class CrashStage {
  let folder: String
  let api: LocalAPI
  let clockLibrary: String?
  private let host: String
  /// What the supervisor starts as a driver.
  private let driver: String
  /// Drivers switch off after `patience` what an uncertain end or a lost link left on; else after five minutes and an hour.
  let isImpatient: Bool
  private let clockFile: String
  let hasSmallDisk: Bool
  private(set) var machines: [StageMachine] = []
  private(set) var supervisor: StageProcess?
  /// How often a supervisor was started.
  private(set) var starts = 0
  private(set) var supervisorEnds: [String] = []
  /// Drivers that were killed or told to end, and have to go.
  var doomed: Set<pid_t> = []

  var run: String { folder + "/r" }
  var state: String { folder + "/s" }
  var database: String { state + "/fabline.sqlite" }

  /// Room on the state folder's disk, where it is a small one, bytes.
  static let diskSize = 96 << 20

  /// `clockLibrary` gives the supervisor and its drivers a time of day of their own (`Tests/Clock`); nil for the machine's.
  /// `host` is the folder of fablined and fabline, where that is not the bench's own.
  init(clockLibrary: String? = nil, host: String? = nil, isImpatient: Bool = false) throws {
    self.host = host ?? Programs.folder
    ChildProcess.becomeSubreaper()
    var template = Array("/tmp/flc-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchError("no throw-away folder") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    api = LocalAPI(socket: folder + "/r/api.sock")
    Self.folders.withLock { [folder] in _ = $0.insert(folder) }
    mkdir(folder + "/s", 0o750)
    self.isImpatient = isImpatient
    driver = isImpatient ? folder + "/driver" : Programs.path("fabline-driver")
    if isImpatient { try Self.writeDriver(driver) }
    hasSmallDisk = mount("tmpfs", folder + "/s", "tmpfs", 0, "size=\(Self.diskSize)") == 0
    self.clockLibrary = clockLibrary
    clockFile = folder + "/clock"
    try setClock(0)
  }

  /// Seconds after which a print does not go on by itself any more, and a hot end and a bed go off: half a minute, five minutes
  /// and an hour of life would be no campaign.
  static let patience = (link: 2, hotEnd: 3, bed: 4)

  private static func writeDriver(_ path: String) throws {
    let text = """
      #!/bin/sh
      exec \(Programs.path("fabline-driver")) "$@" --resume-within \(patience.link) \
        --hot-end-off-after \(patience.hotEnd) --bed-off-after \(patience.bed)

      """
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    chmod(path, 0o755)
  }

  /// fablined or fabline.
  func hostProgram(_ name: String) -> String { host + "/" + name }

  // MARK: - The supervisor

  func startSupervisor() throws {
    guard supervisor == nil else { return }
    var environment: [String: String] = [:]
    if let clockLibrary { environment = ["LD_PRELOAD": clockLibrary, "FABLINE_TEST_CLOCK": clockFile] }
    supervisor = try StageProcess.start(
      hostProgram("fablined"),
      ["--state", state, "--run", run, "--driver", driver],
      environment: environment, log: folder + "/fablined.err")
    starts += 1
  }

  /// Takes note of a supervisor that ended, by itself or by us; true where one lives.
  func supervisorLives() -> Bool {
    guard let process = supervisor else { return false }
    guard let end = process.end() else { return true }
    supervisor = nil
    supervisorEnds.append(end < 0 ? "signal \(-end)" : "status \(end)")
    return false
  }

  /// Sends it a signal and waits for its end; nil where none lived, else how it ended.
  func endSupervisor(_ signal: Int32, seconds: Double = 30) -> Int32? {
    guard let process = supervisor else { return nil }
    kill(process.pid, SIGCONT)
    kill(process.pid, signal)
    let end = process.waitForEnd(seconds: seconds)
    if end != nil { supervisor = nil }
    return end
  }

  func signalSupervisor(_ signal: Int32) {
    if let process = supervisor { kill(process.pid, signal) }
  }

  /// Waits until it answers; starts it again where it ends by itself, as a service manager does.
  func waitForSupervisor(seconds: Double = 30, mayEnd: Bool) throws {
    let deadline = Clock.now + seconds
    while Clock.now < deadline {
      if !supervisorLives() {
        if supervisor == nil, starts > 0, !mayEnd, let last = supervisorEnds.popLast() {
          throw BenchError("the supervisor ended by itself: \(last)")
        }
        supervisorEnds = []
        try startSupervisor()
      }
      if let answer = try? api.ask("GET", "/api/v1/status", seconds: 2), answer.status == 200 { return }
      Clock.sleep(0.003)
    }
    throw BenchError("the supervisor does not answer within \(seconds) s")
  }

  // MARK: - Machines

  func addMachine(_ machine: StageMachine, settings: [String: Any]) throws {
    try machine.start(isCold: false)
    var body: [String: Any] = ["name": machine.name, "port": machine.port, "baud": machine.baud]
    body.merge(settings) { $1 }
    let answer = try api.ask("POST", "/api/v1/machines", try JSONSerialization.data(withJSONObject: body))
    guard answer.status == 201 else {
      throw BenchError("no machine: \(String(decoding: answer.body, as: UTF8.self))")
    }
    machines.append(machine)
  }

  func driverSocket(_ machine: StageMachine) -> String { "\(run)/drivers/\(machine.name).sock" }

  func table() -> StageProcessTable { StageProcessTable(folder: folder) }

  func drivers(of machine: StageMachine) -> [pid_t] { table().drivers(socket: driverSocket(machine)) }

  // MARK: - Disk and clock

  /// Fills the disk of the state folder to its last byte.
  func fillDisk() {
    let file = open(state + "/ballast", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    for size in [1 << 20, 4096, 1] {
      let piece = [UInt8](repeating: 0, count: size)
      while piece.withUnsafeBytes({ write(file, $0.baseAddress, $0.count) }) == size {}
    }
  }

  func freeDisk() { unlink(state + "/ballast") }

  /// How far the wall clock of all programs started from here is from the machine's, s.
  func setClock(_ offset: Int) throws {
    let file = open(clockFile, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw BenchError("cannot write \(clockFile)") }
    defer { close(file) }
    // In its place: programs have it mapped.
    var bytes = Int64(offset).littleEndian
    _ = withUnsafeBytes(of: &bytes) { pwrite(file, $0.baseAddress, 8, 0) }
  }

  // MARK: - The end

  private static let folders = Mutex<Set<String>>([])

  /// What a bench that was interrupted leaves on the disk goes; its processes have ended.
  static func removeAll() {
    for folder in folders.withLock({ $0 }) {
      umount2(folder + "/s", Int32(MNT_DETACH))
      try? FileManager.default.removeItem(atPath: folder)
    }
  }

  /// Ends everything; keeps the folder where something has to be looked at.
  func clear(keeps: Bool) {
    if supervisor != nil, endSupervisor(SIGTERM, seconds: 15) == nil { _ = endSupervisor(SIGKILL) }
    for _ in 0..<100 {
      let left = table().entries
      if left.isEmpty { break }
      for entry in left {
        kill(entry.pid, SIGCONT)
        kill(entry.pid, entry.program == "virtual-printer" ? SIGTERM : SIGKILL)
      }
      StageProcessTable.takeOrphans()
      for machine in machines { _ = machine.process?.end() }
      Clock.sleep(0.02)
    }
    if hasSmallDisk {
      if keeps {
        // What a tmpfs holds goes with it.
        _ = try? ChildProcess.start("/bin/cp", ["-a", state, folder + "/state"]).wait()
      }
      umount2(state, Int32(MNT_DETACH))
    }
    if !keeps { try? FileManager.default.removeItem(atPath: folder) }
    Self.folders.withLock { [folder] in _ = $0.remove(folder) }
  }
}
