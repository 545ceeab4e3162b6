import APIModel
import FoundationEssentials
import Testing

@testable import fabline

@Suite struct AttendedTests {
  @Test func thePersonSeesBoundsOffsetAndPower() {
    var bounds = BoundsModel(job: 12, machine: "k40", travel: [300, 200, 50])
    bounds.least = [0, -1.5, nil]
    bounds.most = [120.25, 80, nil]
    bounds.workOffset = [10, 20, 0]
    bounds.maximumPower = 1000
    bounds.laserMode = true
    bounds.warnings = ["Y -1.5 lies outside"]
    #expect(
      BoundsText.lines(bounds) == [
        "  X  0 to 120.25 of 300 mm", "  Y  -1.5 to 80 of 200 mm", "  Z  not moved",
        "  zero of the work at X10 Y20 Z0 of the machine",
        "  $30 (full power) is 1000, $32 (laser mode) is on", "  ! Y -1.5 lies outside",
      ])
  }

  @Test func whatWasNotReadIsSaid() {
    let lines = BoundsText.lines(BoundsModel(job: 1, machine: "m", travel: []))
    #expect(lines.contains("  zero of the work: not read in this session"))
    #expect(lines.contains("  $30 (full power) was not read, $32 (laser mode) was not read"))
    for line in lines { #expect(TextWidth.cells(line) <= 80) }
  }

  @Test func startHasNoYesBeforehand() {
    #expect(throws: (any Error).self) {
      try Fabline.parseAsRoot(["start", "12", "--machine", "k40", "--yes"])
    }
    #expect(throws: (any Error).self) { try Fabline.parseAsRoot(["start", "12"]) }
  }

  @Test func aProfileIsReadFromWhatExportWrites() throws {
    var profile = ProfileModel(
      fingerprint: "00ff00ff00ff00ff", firmware: "FIRMWARE_NAME:Marlin 2.1 PROTOCOL_VERSION:1.0")
    profile.receiveBuffer = 128
    profile.queueLines = 4
    #expect(
      ProfileText.words(profile)
        == "receive buffer 128 bytes, queue 4 lines, of Marlin 2.1 (profile 00ff00ff00ff00ff)")
    let folder = try Folders.temporary("fl-test")
    defer { Folders.remove(folder) }
    for (name, text) in [
      ("one.json", try JSONText.encode(profile, pretty: true)),
      ("page.json", try JSONText.encode(ItemPage(items: [profile]), pretty: true)),
    ] {
      try Self.write(text, to: folder + "/" + name)
      #expect(try ProfileImport.read(folder + "/" + name) == [profile])
    }
    try Self.write("{}", to: folder + "/no.json")
    #expect(throws: Failure.self) { try ProfileImport.read(folder + "/no.json") }
  }

  private static func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }
}
