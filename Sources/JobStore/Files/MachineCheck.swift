import Dispatch
import GCode
import Synchronization

/// What the check of a stored file against one machine found; nothing is kept of it but this.
public struct FileVerdict: Equatable, Sendable {
  /// The problems in the order of the file, at most five of each kind; sentences name the line.
  public var problems: [FileProblem]

  /// Makes a verdict.
  public init(problems: [FileProblem] = []) { self.problems = problems }

  /// What holds a job: all but warnings; of a job that a person wants all the same, only what is too hot (safety.md rule 7).
  public func blocking(forced: Bool) -> [FileProblem] {
    problems.filter { $0.severity > .warning && (!forced || $0.code == "file.tooHot") }
  }

  /// Why a job of the file `name` is held on `machine`; nil where nothing holds it.
  public func holdReason(file name: String, machine: String, forced: Bool) -> String? {
    let found = blocking(forced: forced)
    guard !found.isEmpty else { return nil }
    let shown = found.prefix(3).map(\.sentence).joined(separator: " ")
    let rest = found.count > 3 ? " There are more such problems." : ""
    return "\(name) on \(machine): \(shown)\(rest)"
  }
}

extension JobStore {
  /// Checks a stored file against a machine: one pass, on a thread of its own; the last few verdicts are remembered.
  ///
  /// Throws `file.unknown`, `file.missing`, `file.io`.
  public func check(
    file hash: String, on machine: MachineRecord.Settings
  ) async throws(StoreError) -> FileVerdict {
    let limits = FileCheckLimits(machine)
    if let known = checks.remembered(hash, limits) { return known }
    let verdict = try await FileReader(thread: checkThread, folder: files).check(hash, limits)
    checks.remember(hash, limits, verdict)
    return verdict
  }

  /// Where a stored file makes a laser or mill work; read anew each time.
  public func workBounds(ofFile hash: String) async throws(StoreError) -> WorkBounds {
    try await FileReader(thread: checkThread, folder: files).bounds(hash)
  }
}

/// Reads stored files without holding up those that come in.
private actor FileReader {
  private let thread: DiskThread
  private let folder: FileFolder

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(thread: DiskThread, folder: FileFolder) {
    self.thread = thread
    self.folder = folder
  }

  func check(_ hash: String, _ limits: FileCheckLimits) throws(StoreError) -> FileVerdict {
    var check = FileCheck(limits: limits)
    try folder.read(hash) { check.update($0) }
    check.finish()
    return FileVerdict(problems: check.problems)
  }

  func bounds(_ hash: String) throws(StoreError) -> WorkBounds {
    var splitter = LineSplitter()
    var bounds = WorkBounds()
    try folder.read(hash) { bytes in
      splitter.forEachLine(in: bytes) { _, content in
        bounds.read(content)
        return true
      }
    }
    if splitter.finish() != nil { splitter.content.withUnsafeBufferPointer { bounds.read($0) } }
    return bounds
  }
}

/// The last verdicts, so that the copies of a job do not read their file again and again.
final class RememberedChecks: Sendable {
  private struct Entry {
    var hash: String
    var limits: FileCheckLimits
    var verdict: FileVerdict
  }

  private let entries = Mutex<[Entry]>([])

  func remembered(_ hash: String, _ limits: FileCheckLimits) -> FileVerdict? {
    entries.withLock { $0.first { $0.hash == hash && $0.limits == limits }?.verdict }
  }

  func remember(_ hash: String, _ limits: FileCheckLimits, _ verdict: FileVerdict) {
    entries.withLock { entries in
      entries.removeAll { $0.hash == hash && $0.limits == limits }
      entries.append(Entry(hash: hash, limits: limits, verdict: verdict))
      if entries.count > 32 { entries.removeFirst() }
    }
  }
}

extension FileCheckLimits {
  /// What a machine's settings allow a file.
  init(_ machine: MachineRecord.Settings) {
    self.init(
      maximumTool: machine.maxTool, maximumBed: machine.maxBed,
      tools: Int32(clamping: machine.tools.count), volume: Volume(machine))
    switch machine.kind {
    case .printer: break
    case .laser, .cnc:
      // Their lines need no letter in front, and nothing of theirs is heated or extruded.
      allowed.insert(.macros)
      volume = nil
      tools = nil
    }
    switch machine.dialect {
    case "grbl": line = LineLimit(characters: 79, isNumbered: false)
    case "grblhal": line = LineLimit(characters: 256, isNumbered: false)
    default: break
    }
    // Marlin's family does the first command of a line and takes the rest for its parameters.
    let doesAll = ["grbl", "grblhal", "rrf", "smoothie"].contains(machine.dialect ?? "auto")
    severalCommandsALine = doesAll || (machine.kind != .printer && (machine.dialect ?? "auto") == "auto")
  }
}

extension FileCheckLimits.Volume {
  /// The travel as coordinates: a delta has its zero in the middle, others in a corner.
  init(_ machine: MachineRecord.Settings) {
    let size = Position(x: machine.volume[0], y: machine.volume[1], z: machine.volume[2], e: 0)
    if machine.kinematics == "delta" {
      self.init(
        least: Position(x: -size.x / 2, y: -size.y / 2, z: 0, e: 0),
        most: Position(x: size.x / 2, y: size.y / 2, z: size.z, e: 0))
    } else {
      self.init(least: Position(x: 0, y: 0, z: 0, e: 0), most: size)
    }
  }
}
