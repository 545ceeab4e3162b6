import Glibc
import VirtualFirmware

/// The record as one JSON object, keys in a fixed order.
func reportText(_ record: ExecutionRecord, profile: String, seed: UInt64, speedAsked: Int64) -> String {
  let fields: [(String, String)] = [
    ("profile", "\"\(profile)\""),
    ("seed", "\(seed)"),
    ("executed", "\(record.lines)"),
    ("hash", "\"\(record.hashText)\""),
    ("executedAll", "\(record.executed)"),
    ("resends", "\(record.resendsAsked)"),
    ("checksumErrors", "\(record.checksumErrors)"),
    ("lineNumberErrors", "\(record.lineNumberErrors)"),
    ("repeatsDropped", "\(record.repeatsDropped)"),
    ("overruns", "\(record.overruns)"),
    ("underruns", "\(record.underruns)"),
    ("okLost", "\(record.okLost)"),
    ("okDoubled", "\(record.okDoubled)"),
    ("bytesDamaged", "\(record.bytesDamaged)"),
    ("unknownCommands", "\(record.unknownCommands)"),
    ("coldExtrusionsPrevented", "\(record.coldExtrusionsPrevented)"),
    ("extrudedCold", "\(record.extrudedCold)"),
    ("resets", "\(record.resets)"),
    ("killed", "\(record.killed)"),
    ("kills", "\(record.kills)"),
    ("heaterFault", "\(record.heaterFault)"),
    ("heatersOnAfterHostGoneSeconds", decimal(Double(record.heatersOnAfterHostGone) * 1e-9)),
    ("steppersTimedOut", "\(record.steppersTimedOut)"),
    ("highestHotEnd", decimal(record.highestHotEnd)),
    ("highestBed", decimal(record.highestBed)),
    ("baudAsked", "\(speedAsked)"),
  ]
  return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}\n"
}

/// A number with two decimals.
private func decimal(_ value: Double) -> String {
  let hundredths = Int64((value * 100).rounded())
  let part = abs(hundredths % 100)
  return "\(hundredths / 100).\(part < 10 ? "0" : "")\(part)"
}

/// The file of executed lines, written in large pieces.
struct LineLog {
  private let descriptor: Int32
  private var pending: [UInt8] = []

  init(_ path: String) throws(Failure) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw Failure("cannot write \(path)", error: errno) }
  }

  mutating func append(_ lines: [ExecutedLine]) {
    if lines.isEmpty { return }
    for line in lines {
      if let number = line.number {
        pending.append(contentsOf: String(number).utf8)
      } else {
        pending.append(UInt8(ascii: "-"))
      }
      pending.append(UInt8(ascii: " "))
      pending.append(contentsOf: line.text)
      pending.append(10)
    }
    if pending.count > 32_768 { flush() }
  }

  mutating func close() {
    flush()
    _ = Glibc.close(descriptor)
  }

  /// Writes what is pending; a test may read the file while the printer runs.
  mutating func flush() {
    if pending.isEmpty { return }
    let bytes = pending
    pending.removeAll(keepingCapacity: true)
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        buffer.baseAddress.map { write(descriptor, $0 + done, buffer.count - done) } ?? 0
      }
      if written <= 0 { return }
      done += written
    }
  }
}
