import JobStore
import Testing

@testable import Supervisor

/// What drivers are started with.
@Suite struct DriverOrderTests {
  private let folders = Folders(state: "/s", run: "/r")

  private func order(
    board: KnownBoard = KnownBoard(), holdsPort: Bool = false,
    _ change: (inout MachineRecord.Settings) -> Void = { _ in }
  ) -> DriverOrder {
    var settings = MachineRecord.Settings(name: "ender", port: "/dev/a")
    change(&settings)
    return DriverOrder(settings, folders: folders, board: board, holdsPort: holdsPort)
  }

  private func value(of option: String, in order: DriverOrder) -> String? {
    order.arguments.firstIndex(of: option).map { order.arguments[$0 + 1] }
  }

  @Test("What has its usual value is not named")
  func usual() {
    let plain = order()
    for option in [
      "--kinematics", "--class", "--allow-m3", "--receive-buffer", "--queue-lines", "--window",
      "--hold-port", "--script-start", "--hot-end-off-after", "--bed-off-after", "--standby-after",
    ] { #expect(!plain.arguments.contains(option), "\(option)") }
    #expect(value(of: "--resets-on-open", in: plain) == "unknown")
    #expect(value(of: "--dialect", in: plain) == "auto")
  }

  @Test("Every setting reaches the driver")
  func everySetting() {
    let full = order {
      $0.kind = .laser
      $0.dialect = "grbl"
      $0.kinematics = "delta"
      $0.receiveBuffer = 127
      $0.queueLines = 16
      $0.window = 4
      $0.allowM3 = true
      ($0.hotEndOffAfter, $0.bedOffAfter, $0.standbyAfter) = (60, 1200, 300)
      $0.scripts = ["start": ["G28"], "end": ["M84", "M107"], "pause": [], "cancel": ["M5"]]
    }
    #expect(value(of: "--class", in: full) == "laser")
    #expect(value(of: "--dialect", in: full) == "grbl")
    #expect(value(of: "--kinematics", in: full) == "delta")
    #expect(value(of: "--receive-buffer", in: full) == "127")
    #expect(value(of: "--queue-lines", in: full) == "16")
    #expect(value(of: "--window", in: full) == "4")
    #expect(full.arguments.contains("--allow-m3"))
    #expect(value(of: "--hot-end-off-after", in: full) == "60")
    #expect(value(of: "--bed-off-after", in: full) == "1200")
    #expect(value(of: "--standby-after", in: full) == "300")
    #expect(full.fingerprint != order().fingerprint, "a driver that runs has the old ones")
    #expect(full.files[value(of: "--script-start", in: full) ?? ""] == "G28\n")
    #expect(full.files[value(of: "--script-end", in: full) ?? ""] == "M84\nM107\n")
    #expect(full.files[value(of: "--script-cancel", in: full) ?? ""] == "M5\n")
    #expect(!full.arguments.contains("--script-pause"))
    #expect(!order { $0.window = 0 }.arguments.contains("--window"))
  }

  @Test("What was learned and measured is used where the settings say nothing, and starts no driver anew")
  func known() {
    var board = KnownBoard()
    board.resetsOnOpen = true
    board.receiveBuffer = 256
    board.queueLines = 8
    let learned = order(board: board, holdsPort: true)
    #expect(value(of: "--resets-on-open", in: learned) == "yes")
    #expect(value(of: "--receive-buffer", in: learned) == "256")
    #expect(value(of: "--queue-lines", in: learned) == "8")
    #expect(learned.arguments.contains("--hold-port"))
    #expect(learned.fingerprint == order().fingerprint)
    let settled = order(board: board) {
      $0.resetsOnOpen = false
      $0.receiveBuffer = 63
      $0.queueLines = 2
    }
    #expect(value(of: "--resets-on-open", in: settled) == "no")
    #expect(value(of: "--receive-buffer", in: settled) == "63")
    #expect(value(of: "--queue-lines", in: settled) == "2")
    #expect(settled.arguments.count { $0 == "--receive-buffer" } == 1)
    #expect(settled.fingerprint != order().fingerprint)
  }
}

/// Whether a port is left alone.
@Suite struct PortHoldTests {
  private func machine(_ change: (inout MachineRecord) -> Void) -> MachineRecord {
    var record = MachineRecord(settings: .init(name: "ender", port: "/dev/a"), createdAt: 0)
    change(&record)
    return record
  }

  @Test("A port that resets its board is opened at the start only where the machine is host-only")
  func resets() {
    let learned = machine { $0.resetsLearned = true }
    #expect(PortHold(learned, isStart: true) == .resets)
    #expect(PortHold(learned, isStart: false) == nil)
    #expect(PortHold(machine { $0.settings.resetsOnOpen = true }, isStart: true) == .resets)
    #expect(
      PortHold(
        machine {
          $0.settings.resetsOnOpen = true
          $0.settings.hostOnly = true
        }, isStart: true) == nil)
    // The person's word goes before what was learned.
    #expect(
      PortHold(
        machine {
          $0.settings.resetsOnOpen = false
          $0.resetsLearned = true
        }, isStart: true) == nil)
    #expect(PortHold(machine { _ in }, isStart: true) == nil)
  }

  @Test("A person's disconnect holds at every start")
  func person() {
    let record = machine {
      $0.disconnectedBy = "lee"
      $0.settings.hostOnly = true
    }
    #expect(PortHold(record, isStart: false) == .disconnected(by: "lee"))
    #expect(PortHold(record, isStart: true)?.sentence("ender").contains("fabline connect ender") == true)
  }

  @Test(
    "A board that restarts when its port is opened is known by its words in between",
    arguments: [
      (["1.0 # opened /dev/a at 115200 baud", "1.5 < start", "2.0 > M115"], true),
      (["1.0 # opened /dev/a at 115200 baud", "1.5 < \\xfestart", "2.0 > M115"], true),
      (["1.0 # opened /dev/a at 115200 baud", "1.5 < Grbl 1.1h ['$' for help]", "2.0 > $I"], true),
      (["1.0 # opened /dev/a at 115200 baud", "1.5 <  T:20.0 /0.0", "2.0 > M115", "2.1 < start"], false),
      (["1.0 # opened x", "1.1 < start", "3.0 # lost", "9.0 # opened x", "9.1 > M27"], false),
      (["2.0 > M115", "2.1 < start"], nil),
    ] as [([String], Bool?)])
  func banner(_ lines: [String], _ seen: Bool?) {
    #expect(OpeningBanner.wasSeen(in: lines) == seen)
  }
}
