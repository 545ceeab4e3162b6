import Foundation
import Testing

@testable import VirtualFirmware

/// Plays the host's side of a recording to a GRBL controller and gathers what it says.
struct GrblReplay {
  private(set) var lines: [(time: Int64, text: String)] = []
  private(set) var firmware: GrblFirmware
  private var pending: [UInt8] = []
  private var isOpen = false

  init(_ transcript: Transcript, firmware start: GrblFirmware) {
    firmware = start
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
        lines.append((time, String(decoding: pending, as: UTF8.self)))
        pending = []
      } else {
        pending.append(byte)
      }
    }
  }
}

@Suite("The GRBL recordings, played to the virtual controller")
struct GrblReplayTests {
  /// Every line of the recording in order, exact but for where a moving machine is when it is asked.
  @Test(
    arguments: [
      "grbl11-boot", "grbl11-alarm", "grbl11-errors", "grbl11-hold", "grbl11-flood", "grbl11-stream",
      "grbl11-m0-blocks-everything",
    ])
  func saysWhatWasRecorded(_ name: String) throws {
    let transcript = try Transcript(name)
    let (got, _) = try replay(name)
    let wanted = transcript.replies.map { String(decoding: $0, as: UTF8.self) }
    #expect(got.map(\.text).map(withoutPlaces) == wanted.map(withoutPlaces))
    for (one, other) in zip(got, wanted) { expectNear(one.text, other) }
  }

  /// grblHAL as far as its recording keeps time: later the simulator lags seconds behind what it is sent.
  @Test func grblHALSaysWhatWasRecorded() throws {
    let transcript = try Transcript("grblhal")
    let replay = GrblReplay(transcript, firmware: GrblFirmware(profile: .grblhal))
    let wanted = transcript.replies.map { String(decoding: $0, as: UTF8.self) }
    #expect(replay.lines.map(\.text).prefix(154) == wanted.prefix(154))
  }

  /// A flood finds the ring full: what fits is done, all else is lost without a word.
  @Test func losesMostOfAFloodInSilence() throws {
    let (_, firmware) = try replay("grbl11-flood")
    #expect(firmware.record.lines == 24)
    // 37 lines of 18 bytes less the two bytes that still found room.
    #expect(firmware.record.overruns == 37 * 18 - 2)
  }

  /// What was answered when: the controller is no faster than its wire and its motors.
  @Test func takesTheTimeThatWasRecorded() throws {
    let (got, _) = try replay("grbl11-flood")
    let oks = got.filter { $0.text == "ok\r" }.map { Double($0.time) * 1e-6 }
    for (place, wanted) in [(1, 2708.0), (15, 2730), (16, 3048), (17, 3354), (23, 5153)] {
      #expect(abs(oks[place] - wanted) < 40, "ok \(place) at \(oks[place])")
    }
    let stream = try replay("grbl11-stream").0.filter { $0.text == "ok\r" }.map { Double($0.time) * 1e-6 }
    for (place, wanted) in [(16, 2886.0), (17, 2992), (30, 3580), (50, 4231), (80, 5231)] {
      #expect(abs(stream[place] - wanted) < 40, "ok \(place) at \(stream[place])")
    }
  }

  private func replay(_ name: String) throws -> ([(time: Int64, text: String)], GrblFirmware) {
    // Some recordings begin with a controller whose EEPROM was never written.
    let isBlank = name != "grbl11-errors" && name != "grbl11-hold"
    var start = GrblFirmware(profile: .grbl11, blankMemory: isBlank)
    if name == "grbl11-boot" { start.memory.isBlank = false }
    let replay = GrblReplay(try Transcript(name), firmware: start)
    return (replay.lines, replay.firmware)
  }

  private func withoutPlaces(_ line: String) -> String {
    line.replacingOccurrences(of: #"MPos:[-0-9.,]*"#, with: "MPos:#", options: .regularExpression)
      .replacingOccurrences(of: #"FS:[0-9]+"#, with: "FS:#", options: .regularExpression)
      .replacingOccurrences(of: "|Pn:X", with: "")
  }

  /// The recorder's own delays move a place by a fifth of a second's travel, and errors add up from hold to hold.
  private func expectNear(_ got: String, _ wanted: String) {
    guard let one = place(in: got), let other = place(in: wanted) else { return }
    #expect(abs(one - other) < 2, "got \(got) for \(wanted)")
  }

  private func place(in line: String) -> Double? {
    guard line.hasPrefix("<"), let field = line.split(separator: "|").first(where: { $0.hasPrefix("MPos:") })
    else { return nil }
    return Double(field.dropFirst(5).prefix { $0 != "," })
  }
}
