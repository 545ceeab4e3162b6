import Testing

@testable import VirtualFirmware

@Suite("The recordings, played to the virtual firmware")
struct ReplayTests {
  /// Every line of the recording in order, texts exact but for what `comparable` masks.
  @Test(
    arguments: [
      "marlin21-boot", "marlin21-lines", "marlin21-errors", "marlin21-resend", "marlin21-kill",
      "marlin21-midprint-reset", "marlin21full-boot", "marlin21full-flood",
      "marlin10-boot", "marlin10-lines", "marlin10-errors", "marlin10-resend", "marlin10-midprint-reset",
    ])
  func saysWhatWasRecorded(_ name: String) throws {
    let (wanted, got) = try replay(name)
    #expect(got == wanted)
  }

  /// The same where a reply depends on a fraction of a byte's time, as what is left of a line after an overflow does:
  /// what is said besides, and what is not said.
  @Test(
    arguments: [
      (
        "marlin21full-resend", ["ok P15 B#", "echo:Unknown command: (fragment)"],
        ["ok T:# /0.00 B:# /0.00 @:# B@:#"]
      ),
      ("marlin21full-kill", ["ok P0 B#"], []),
      (
        "marlin21-flood", ["Error:No Checksum with line number, Last Line: 24"],
        ["Error:checksum mismatch, Last Line: 24"]
      ),
    ])
  func saysWhatWasRecordedButFor(_ name: String, extra: [String], missing: [String]) throws {
    var (wanted, got) = try replay(name)
    // A move stopped in its middle: two hundredths of a millimetre are the simulation's own.
    wanted.removeAll { $0.hasPrefix("X:1.9") || $0.hasPrefix("X:2.0") }
    got.removeAll { $0.hasPrefix("X:1.9") || $0.hasPrefix("X:2.0") }
    let difference = got.map(withoutFragment).difference(from: wanted.map(withoutFragment))
    #expect(Set(difference.insertions.map(text)).subtracting(extra).isEmpty)
    #expect(difference.insertions.count <= extra.count)
    #expect(Set(difference.removals.map(text)).subtracting(missing).isEmpty)
    #expect(difference.removals.count <= missing.count)
  }

  private func withoutFragment(_ line: String) -> String {
    line.hasPrefix("echo:Unknown command:") ? "echo:Unknown command: (fragment)" : line
  }

  private func text(_ change: CollectionDifference<String>.Change) -> String {
    switch change {
    case .insert(_, let line, _), .remove(_, let line, _): line
    }
  }

  /// Long waits: what is said besides temperatures and `busy`, which come as often as the heaters are slow.
  @Test(arguments: ["marlin21-long", "marlin21-fault"])
  func saysWhatWasRecordedBesidesReports(_ name: String) throws {
    var profile = try profile(of: name)
    profile.bed.rate = 6.2
    profile.bed.timeConstant = 105
    var faults = FaultPlan()
    faults.noPower = name == "marlin21-fault"
    let (wanted, got) = try replay(name, profile: profile, faults: faults)
    #expect(got.filter(isNoReport) == wanted.filter(isNoReport))
    #expect(got.contains { !isNoReport($0) })
  }

  /// Marlin 1.0 with its queue full: the recording's overflow cut the last line, so that `M112` grew on to a fragment.
  @Test func marlin10StopsLateOrNever() throws {
    let (wanted, got) = try replay("marlin10-kill")
    let kill = "Error:Printer halted. kill() called!"
    #expect(wanted.filter { $0 == kill }.count == 2)
    #expect((2...3).contains(got.filter { $0 == kill }.count))
    #expect(Set(got).subtracting(wanted).allSatisfy { $0.hasPrefix("X:30.00") })
  }

  /// The flood: what is accepted is the beginning, what is lost is lost in silence or asked for once.
  @Test func marlin10DropsMostOfAFlood() throws {
    let transcript = try Transcript("marlin10-flood")
    let replay = Replay(transcript, profile: .marlin10)
    #expect(replay.firmware.record.overruns > 500)
    #expect((20...35).contains(replay.firmware.record.lines))
    #expect(replay.firmware.record.resendsAsked >= 1)
  }

  /// Replies come when they were recorded: the port of a board is no faster than its wire.
  @Test func takesTheTimeThatWasRecorded() throws {
    let transcript = try Transcript("marlin21-long")
    let replay = Replay(transcript, profile: .marlin21)
    let times = replay.lines.filter { comparable($0.text) == "ok" }.map { $0.time / 1_000_000 }
    // G4 S5, G4 S4, M113 S0, G4 S5 without busy.
    for (got, wanted) in zip(times, [7902, 12609, 13610, 19110]) { #expect(abs(got - Int64(wanted)) < 150) }
    let home = replay.lines.first { comparable($0.text).hasPrefix("X:0.00 Y:0.00 Z:5.00") }
    #expect(abs((home?.time ?? 0) / 1_000_000 - 35_031) < 1500)
  }

  private func profile(of name: String) throws -> FirmwareProfile {
    try #require(FirmwareProfile.named(String(name.prefix { $0 != "-" })))
  }

  private func replay(
    _ name: String, profile given: FirmwareProfile? = nil, faults: FaultPlan = FaultPlan()
  ) throws -> (wanted: [String], got: [String]) {
    let transcript = try Transcript(name)
    let replay = Replay(transcript, profile: try given ?? profile(of: name), faults: faults)
    return (transcript.replies.map(comparable), replay.lines.map { comparable($0.text) })
  }

  private func isNoReport(_ line: String) -> Bool {
    !line.hasPrefix(" T:") && line != "echo:busy: processing"
  }
}
