import Glibc
import VirtualFirmware

/// The record as one JSON object, keys in a fixed order.
func reportText(
  _ controller: Controller, _ timing: HostTiming, profile: String, seed: UInt64, speedAsked: Int64
) -> String {
  let record = controller.record
  let beam = controller.beam
  let turnaround = timing.figures([0.5, 0.99, 0.999, 1])
  var fields: [(String, String)] = [
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
    ("starvedSeconds", thousandths(record.starved)),
    ("turnarounds", "\(turnaround.count)"),
    ("turnaroundMicroseconds", "\(Array(turnaround.microseconds.prefix(3)))"),
    ("turnaroundMost", "\(turnaround.microseconds.last ?? 0)"),
    ("killedAtNanoseconds", "\(timing.killedAt)"),
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
    ("fullestRing", "\(record.fullestRing)"),
    ("damagedExecuted", "\(record.damagedExecuted)"),
    ("unnumberedExecuted", "\(record.unnumberedExecuted)"),
    ("errors", "\(controller.errors)"),
    ("lastAlarm", "\(controller.lastAlarm)"),
    ("softResets", "\(controller.asked.resets)"),
    ("feedHolds", "\(controller.asked.holds)"),
    ("cycleStarts", "\(controller.asked.starts)"),
    ("statusReports", "\(controller.asked.reports)"),
    ("spindleStopBytes", "\(controller.asked.spindleStops)"),
    ("hotEndTarget", decimal(controller.targets.hotEnd)),
    ("bedTarget", decimal(controller.targets.bed)),
    ("bytesLostToMemory", "\(controller.bytesLostToMemory)"),
    ("beamIsOn", "\(beam.power > 0)"),
    ("beamOnSeconds", decimal(Double(beam.on) * 1e-9)),
    ("beamOnStillSeconds", decimal(Double(beam.onStill) * 1e-9)),
    ("beamOnAfterHostGoneSeconds", decimal(Double(beam.onAfterHostGone) * 1e-9)),
    ("beamOnStillAfterHostGoneSeconds", decimal(Double(beam.onStillAfterHostGone) * 1e-9)),
    ("beamHighest", decimal(beam.highest)),
    ("beamDose", decimal(beam.dose)),
  ]
  for (name, count) in record.faults.all { fields.append(("\(name)", "\(count)")) }
  return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}\n"
}

/// Nanoseconds as seconds with three decimals.
private func thousandths(_ time: Int64) -> String {
  let part = String(1000 + time / 1_000_000 % 1000)
  return "\(time / 1_000_000_000).\(part.dropFirst())"
}

/// A number with two decimals.
private func decimal(_ value: Double) -> String {
  let hundredths = Int64((value * 100).rounded())
  let part = abs(hundredths % 100)
  return "\(hundredths / 100).\(part < 10 ? "0" : "")\(part)"
}

/// The file of executed lines: written in pieces of whole lines, none later than 20 ms after its first line.
struct LineLog {
  private static let patience: Int64 = 20_000_000

  private let descriptor: Int32
  private var pending: [UInt8] = []
  /// When the oldest pending line came; the clock is the caller's.
  private var pendingSince: Int64 = 0

  init(_ path: String) throws(Failure) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw Failure("cannot write \(path)", error: errno) }
  }

  mutating func append(_ lines: [ExecutedLine], now: Int64) {
    if pending.isEmpty { pendingSince = now }
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
    if pending.count > 32_768 || now - pendingSince >= Self.patience { flush() }
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
