import DriverClient
import DriverInterface
import Testing

/// Well-formed requests with values that nobody would send: each gets its one reply, and the driver lives.
@Suite(.serialized) struct StrangeRequestTests {
  private static let numbers: [Double] = [
    .nan, .infinity, -.infinity, -0.0, 1e300, -1e300, .leastNonzeroMagnitude, 0, 5,
  ]
  private static let wholes: [Int32] = [.min, .max, -1, 0, 1, 16, 255, 300]
  private static let texts = [
    "", " ", "\n", "M104 S200\nM112", "G1 X1;", "N5 G28*33", "\u{0}", String(repeating: "G1 X1 ", count: 500),
    "ü", "M117 *",
    "XYZ", "Q", "xyz", "M999999999999", "G-1", "*", ";", "M155 S9", "T99",
  ]

  private func requests() -> [DriverRequest] {
    var all: [DriverRequest] = [
      .answer(choice: nil), .reset, .recorder, .wireLog(true), .wireLog(false), .subscribe(after: .max),
      .subscribe(after: .min), .status,
    ]
    for text in Self.texts {
      all += [.send(line: text), .act(.home(axes: text)), .act(.script(name: text, lines: [text, text]))]
    }
    for whole in Self.wholes {
      all += [
        .answer(choice: whole), .act(.feedrate(percent: whole)), .act(.flow(percent: whole)),
        .act(.fan(speed: whole)),
        .act(.heatTool(tool: whole, target: 50)), .act(.load(tool: whole, target: 210, length: 10)),
      ]
    }
    for number in Self.numbers {
      all += [
        .act(.heatTool(tool: 0, target: number)), .act(.heatBed(target: number)), .act(.babystep(z: number)),
        .act(.jog(x: number, y: -number, z: number, e: number, feedrate: number, unhomed: true)),
        .act(.unload(tool: 0, target: number, length: number)),
      ]
    }
    for extreme in [Int64.min, .max, -1] {
      all.append(
        .stage(
          StagedAttempt(
            attempt: AttemptID(rawValue: 77), job: extreme, path: "/etc/hostname", size: extreme, name: "",
            lines: extreme, seconds: extreme, layers: .min)))
    }
    return all
  }

  @Test(arguments: [false, true])
  func eachGetsItsReply(whilePrinting: Bool) async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    try await rig.waitFor(.idle, on: connection)
    if whilePrinting {
      let path = try rig.folder.write("part.gcode", testFile(100).text)
      var staged = rig.staged(path, 1)
      staged.seconds = .max
      staged.layers = .max
      staged.job = .min
      #expect(try await connection.request(.stage(staged)) == .done)
      rig.board.limit(to: 20)
      #expect(try await connection.request(.start(AttemptID(rawValue: 1))) == .done)
      try await until("the board holds") { rig.board.executed.count >= 20 }
    }
    // Some are answered only when the board has done them, so nobody waits for one before the next is asked.
    await withTaskGroup(of: Void.self) { group in
      for request in requests() {
        group.addTask { _ = try? await connection.request(request, timeout: .seconds(2)) }
      }
    }
    rig.board.release()
    guard case .status(let status) = try await connection.request(.status) else { return }
    #expect(status.identity == connection.driver)
    try await rig.end(connection)
  }

  @Test func anActWhoseNumberIsNoneIsRefusedAndSendsNothing() async throws {
    let rig = Rig(folder: try TestFolder(), board: try FakeBoard())
    rig.start()
    let connection = try await rig.connect()
    try await rig.waitFor(.idle, on: connection)
    for number in [Double.nan, .infinity, -.infinity] {
      let acts: [ManualAct] = [
        .jog(x: number, y: 0, z: 0, e: 0, feedrate: 600, unhomed: true),
        .jog(x: 0, y: number, z: 0, e: 0, feedrate: 600, unhomed: true),
        .jog(x: 0, y: 0, z: number, e: 0, feedrate: 600, unhomed: true),
        .jog(x: 0, y: 0, z: 0, e: number, feedrate: 600, unhomed: true),
        .jog(x: 1, y: 0, z: 0, e: 0, feedrate: number, unhomed: true),
        .heatTool(tool: 0, target: number), .heatBed(target: number), .babystep(z: number),
        .load(tool: 0, target: number, length: 10), .load(tool: 0, target: 210, length: number),
        .unload(tool: 0, target: number, length: 10), .unload(tool: 0, target: 210, length: number),
      ]
      for act in acts {
        guard case .refused(let fault) = try await connection.request(.act(act)) else {
          Issue.record("not refused: \(act)")
          continue
        }
        #expect(fault.code == "act.notANumber")
      }
    }
    let moves = ["G1", "M104", "M109", "M140", "M190", "M290"]
    #expect(!rig.board.executed.contains { line in moves.contains { line.hasPrefix($0) } })
    try await rig.end(connection)
  }
}
