import GCode
import Testing

@testable import JobStore

/// A stored file against a machine, before it starts.
@Suite("The check of file against machine")
struct MachineCheckTests {
  private static let hot = "G28\nM104 S300\nG1 X10 Y10 E1 F1500\nM104 S0\n"
  private static let wide = "G28\nM104 S200\nG90\nM82\nG1 X10 Y10 F3000\nG1 X250 Y10 E5 F1500\nM104 S0\n"

  private func verdict(
    _ shop: Shop, _ text: String, _ change: (inout MachineRecord.Settings) -> Void = { _ in }
  ) async throws -> FileVerdict {
    let file = try await shop.takeIn(text).file
    var settings = MachineRecord.Settings(name: "ender", port: "/dev/a")
    change(&settings)
    return try await shop.store.check(file: file.hash, on: settings)
  }

  @Test("names the line that is too hot, and no word lifts it")
  func tooHot() async throws {
    let shop = try await Shop()
    let found = try await verdict(shop, Self.hot)
    #expect(found.blocking(forced: false).map(\.line) == [2])
    #expect(found.blocking(forced: true).map(\.code) == ["file.tooHot"])
    #expect(found.holdReason(file: "a", machine: "ender", forced: true)?.contains("Line 2") == true)
    #expect(try await verdict(shop, Self.hot) { $0.maxTool = 310 }.blocking(forced: false).isEmpty)
  }

  @Test("names the line that leaves the volume, and a person may want it all the same")
  func outside() async throws {
    let shop = try await Shop()
    let found = try await verdict(shop, Self.wide)
    #expect(found.blocking(forced: false).map(\.line) == [6])
    #expect(found.holdReason(file: "a", machine: "ender", forced: true) == nil)
    #expect(try await verdict(shop, Self.wide) { $0.volume[0] = 300 }.blocking(forced: false).isEmpty)
  }

  @Test("several commands in one line are for firmwares that do all of them")
  func severalCommands() async throws {
    let shop = try await Shop()
    let text = "G28\nM104 S200\nG90 M82\nG1 X10 Y10 E1 F1500\nM104 S0\n"
    #expect(try await verdict(shop, text).blocking(forced: false).map(\.line) == [3])
    #expect(try await verdict(shop, text) { $0.dialect = "rrf" }.blocking(forced: false).isEmpty)
    let long =
      "G1 X10.0001 Y10.0001 Z10.0001 I1.0001 J1.0001 A10.0001 B10.0001 C10.0001 F1000.0001 S1000.0001\n"
    let tooLong = try await verdict(shop, "G21\nG1 X1 F100\n" + String(long.prefix(78)) + "\n") {
      $0.kind = .cnc
      $0.dialect = "grbl"
    }
    #expect(tooLong.blocking(forced: false).isEmpty)
  }

  @Test("a delta has its zero in the middle")
  func delta() async throws {
    let shop = try await Shop()
    let text = "G28\nM104 S200\nG90\nM82\nG1 X-90 Y-90 F3000\nG1 X90 Y90 E5 F1500\nM104 S0\n"
    #expect(try await !verdict(shop, text).blocking(forced: false).isEmpty)
    #expect(try await verdict(shop, text) { $0.kinematics = "delta" }.blocking(forced: false).isEmpty)
  }

  @Test("a release of what a check held is remembered, and so is force at submission")
  func forced() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit(Self.wide)
    #expect(job.forcedBy == nil)
    _ = try await shop.store.hold(job.id, kind: .question, reason: "Line 6 ...", by: "fablined")
    #expect(try await shop.store.release(job.id, by: "lee").forcedBy == "lee")
    let other = try await shop.submit(Self.wide) { $0.force = true }
    #expect(other.forcedBy == "kim")
    _ = try await shop.store.hold(other.id, reason: "lunch", by: "lee")
    #expect(try await shop.store.release(other.id, by: "lee").forcedBy == "kim")
  }

  @Test("force answers the questions of a file")
  func question() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let text = "G28\nM500\nG1 X10 F3000\n"
    #expect(try await shop.submit(text).hold?.kind == .question)
    #expect(try await shop.submit(text) { $0.force = true }.hold == nil)
  }
}

/// What a person is shown before a laser or mill starts.
@Suite("The bounds of work")
struct WorkBoundsTests {
  private func bounds(_ text: String) -> WorkBounds {
    var bounds = WorkBounds()
    for line in text.split(separator: "\n") {
      var line = String(line)
      line.withUTF8 { bounds.read($0) }
    }
    return bounds
  }

  @Test("are where it works, not where it travels")
  func travel() {
    let found = bounds("G90 G21\nG0 X-50 Y-50\nG0 X10 Y20\nM4 S500\nG1 X30 Y40 F600\nG0 X200\n")
    #expect(found.least == [10, 20, nil])
    #expect(found.most == [30, 40, nil])
    #expect(!found.isUncertain && !found.usesM3)
  }

  @Test("follow modal motion, inches, lower case and comments")
  func modal() {
    let found = bounds("g20 g1 x1 f10\nY2 (X99) ; X77\nG21 Z-3\nM3 S1\n")
    #expect(found.least == [25.4, 50.8, -3])
    #expect(found.most == [25.4, 50.8, -3])
    #expect(found.usesM3)
  }

  @Test("hold the whole circle of an arc")
  func arc() {
    let found = bounds("G90\nG0 X10 Y0\nG1 X10 Y0 F100\nG2 X-10 Y0 I-10 J0\n")
    #expect((found.least[0] ?? 0) <= -10 && (found.most[0] ?? 0) >= 10)
    #expect((found.least[1] ?? 0) <= -10 && (found.most[1] ?? 0) >= 10)
    let radius = bounds("G90\nG1 X0 Y0\nG3 X10 Y0 R5\n")
    #expect((radius.least[1] ?? 0) <= -5 && (radius.most[1] ?? 0) >= 5)
  }

  @Test(
    "say that they are not sure where the file sets its own zero", arguments: ["G91", "G92 X0 Y0", "G53"])
  func uncertain(_ line: String) {
    #expect(bounds("G90\n\(line)\nG1 X5 Y5\n").isUncertain)
  }

  @Test("take no coordinates from lines that set something")
  func settings() {
    let found = bounds("G90\nG10 L2 P1 X500\nG92 X400\nG4 P10\nG28 X300\nG1 X5\n")
    #expect(found.most[0] == 5)
  }
}
