import Foundation
import Testing

@testable import VirtualFirmware

/// A recording of real firmware: what the host sent, what came back, when the port was opened and closed.
struct Transcript {
  enum Step: Equatable {
    case opened
    case closed
    case sent([UInt8])
  }

  struct Entry {
    var time: Int64
    var step: Step
  }

  /// The host's side in order.
  var host: [Entry] = []
  /// The firmware's lines in order, escapes resolved.
  var replies: [[UInt8]] = []
  /// Time of the last entry, ns.
  var end: Int64 = 0
  private var endsWithReply = false

  /// Reads `Tests/Fixtures/transcripts/NAME.txt`.
  init(_ name: String, file: String = #filePath) throws {
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
    let bytes = try Data(contentsOf: folder.appendingPathComponent("Fixtures/transcripts/\(name).txt"))
    for line in bytes.split(separator: 10) { take(Array(line)) }
  }

  private mutating func take(_ line: [UInt8]) {
    if line.starts(with: "# host opens port".utf8) {
      host.append(Entry(time: end, step: .opened))
    } else if line.starts(with: "# host closes port".utf8) {
      // A reply that was being read is read to its end.
      host.append(Entry(time: end + (endsWithReply ? 30_000_000 : 0), step: .closed))
    }
    guard line.count > 2, line[0] == UInt8(ascii: ">") || line[0] == UInt8(ascii: "<") else { return }
    let digits = line[2...].prefix { $0 >= 48 && $0 <= 57 }
    guard let milliseconds = Int64(String(decoding: digits, as: UTF8.self)) else { return }
    end = milliseconds * 1_000_000
    endsWithReply = line[0] == UInt8(ascii: "<")
    let text = line[(2 + digits.count)...].dropFirst()
    if line[0] == UInt8(ascii: "<") {
      // The port was opened half a second before the banner, later than the note about it stands.
      if text.elementsEqual("start".utf8), let last = host.lastIndex(where: { $0.step == .opened }) {
        host[last].time = end - 505_000_000
        host.sort { $0.time < $1.time }
      }
      replies.append(unescape(text).bytes)
    } else {
      let (bytes, ends) = unescape(text)
      host.append(Entry(time: end, step: .sent(ends ? bytes + [10] : bytes)))
    }
  }

  /// Resolves `\xNN`, `\r` and the `\c` that stands for a missing line feed.
  private func unescape(_ text: ArraySlice<UInt8>) -> (bytes: [UInt8], ends: Bool) {
    var bytes: [UInt8] = []
    var ends = true
    var rest = text
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let kind = rest.first else {
        bytes.append(byte)
        continue
      }
      switch kind {
      case UInt8(ascii: "x"):
        bytes.append(UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16) ?? 0)
        rest = rest.dropFirst(3)
      case UInt8(ascii: "r"):
        bytes.append(13)
        rest = rest.dropFirst()
      case UInt8(ascii: "c"):
        ends = false
        rest = rest.dropFirst()
      default: bytes.append(byte)
      }
    }
    return (bytes, ends)
  }
}

/// Plays the host's side of a recording to a firmware and gathers what it says.
struct Replay {
  /// The firmware's lines, each with the time of its last byte.
  private(set) var lines: [(time: Int64, text: [UInt8])] = []
  /// The firmware after the last line.
  private(set) var firmware: VirtualFirmware
  private var pending: [UInt8] = []
  private var isOpen = false

  init(_ transcript: Transcript, profile: FirmwareProfile, faults: FaultPlan = FaultPlan()) {
    firmware = VirtualFirmware(profile: profile, faults: faults)
    firmware.resetsOnOpen = true
    for entry in transcript.host {
      advance(to: entry.time)
      switch entry.step {
      case .opened:
        firmware.hostOpened(now: entry.time)
        isOpen = true
      case .closed:
        firmware.hostClosed(now: entry.time)
        isOpen = false
      case .sent(let bytes): firmware.receive(bytes, now: entry.time)
      }
    }
    advance(to: transcript.end + 2_000_000_000)
  }

  private mutating func advance(to time: Int64) {
    while let next = firmware.nextDeadline, next < time {
      firmware.run(until: next)
      gather(at: next)
    }
    firmware.run(until: time)
    gather(at: time)
  }

  private mutating func gather(at time: Int64) {
    var fresh: [UInt8] = []
    firmware.takeOutput(upTo: time, into: &fresh)
    if !isOpen { return }
    for byte in fresh {
      if byte == 10 {
        lines.append((time, pending))
        pending = []
      } else {
        pending.append(byte)
      }
    }
  }
}

/// Lines as they compare: temperatures, powers, dates and sizes are masked, all else is exact.
func comparable(_ line: [UInt8]) -> String {
  var text = String(decoding: line, as: UTF8.self)
  let masks: [(String, String)] = [
    (#"(T0?|B):-?[0-9.]+ /"#, "$1:# /"), (#"@:[0-9]+"#, "@:#"), (#"T:[0-9.]+ E:"#, "T:# E:"),
    (#"B:[0-9.]+$"#, "B:#"), (#"\([A-Z][a-z]{2} [0-9 ]+ [0-9:]+\)"#, "(date)"), (#"crc [0-9]+"#, "crc #"),
    (#"W:[0-9?]+"#, "W:#"), (#" B[0-9]+$"#, " B#"), (#"[0-9]+ sec"#, "# sec"),
  ]
  for (pattern, mask) in masks {
    text = text.replacingOccurrences(of: pattern, with: mask, options: .regularExpression)
  }
  return text
}
