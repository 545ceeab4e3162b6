import APIModel
import DriverInterface
import Supervisor

extension ActRequest {
  /// The acts that this request stands for, in order. Numbers that no machine takes are refused here; limits that a machine
  /// has are the driver's.
  func acts() throws -> [MachineAct] {
    switch act {
    case "home": return [.manual(.home(axes: try axesNamed()))]
    case "jog": return [.manual(try jog())]
    case "heat": return try heat()
    case "cool": return [.manual(.cool)]
    case "tune": return try tune()
    case "load", "unload": return [.manual(try filament())]
    case "run": return [.macro(try words())]
    case "send": return [.send(try words())]
    case "answer": return [.answer(try choice.map { try small($0, "choice", 0...255) })]
    case "pauseSD": return [.manual(.sdPrint(.pause))]
    case "resumeSD": return [.manual(.sdPrint(.resume))]
    case "stopSD": return [.manual(.sdPrint(.stop))]
    case "connect": return [.connect]
    case "disconnect": return [.disconnect]
    case "reset": return [.reset]
    case "zero": return [.manual(.zero(axes: try axesNamed()))]
    case "unlock": return [.unlock]
    case "homeCycle": return [.homeCycle]
    case "stop": return [.stop]
    default: throw Problem.request("there is no act \(LogRecord.escaped(act))")
    }
  }

  private func axesNamed() throws -> String {
    let letters = (axes ?? "").uppercased()
    guard letters.allSatisfy({ "XYZ".contains($0) }), letters.count <= 3 else {
      throw Problem.request("axes are letters of XYZ")
    }
    return letters
  }

  private func jog() throws -> ManualAct {
    let move = Dictionary(
      (move ?? [:]).map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
    guard !move.isEmpty, move.keys.allSatisfy({ ["x", "y", "z", "e"].contains($0) }),
      move.values.allSatisfy({ $0.isFinite && abs($0) <= 10_000 })
    else { throw Problem.request("move names millimetres for x, y, z or e") }
    let speed = try number(feedrate ?? 3000, "feedrate", 1...100_000)
    return .jog(
      x: move["x"] ?? 0, y: move["y"] ?? 0, z: move["z"] ?? 0, e: move["e"] ?? 0, feedrate: speed,
      unhomed: unhomed ?? false)
  }

  private func heat() throws -> [MachineAct] {
    var acts: [MachineAct] = []
    if let toolTarget {
      acts.append(
        .manual(.heatTool(tool: try toolNumber(), target: try number(toolTarget, "toolTarget", 0...1000))))
    }
    if let bedTarget {
      acts.append(.manual(.heatBed(target: try number(bedTarget, "bedTarget", 0...1000))))
    }
    guard !acts.isEmpty else { throw Problem.request("heat wants toolTarget, bedTarget or both") }
    return acts
  }

  private func tune() throws -> [MachineAct] {
    var acts: [MachineAct] = []
    if let speed { acts.append(.manual(.feedrate(percent: try small(speed, "speed", 1...999)))) }
    if let flow { acts.append(.manual(.flow(percent: try small(flow, "flow", 1...999)))) }
    if let fan { acts.append(.manual(.fan(speed: try small(fan, "fan", 0...255)))) }
    if let babystep { acts.append(.manual(.babystep(z: try number(babystep, "babystep", -2...2)))) }
    guard !acts.isEmpty else { throw Problem.request("tune wants speed, flow, fan or babystep") }
    return acts
  }

  /// Without a temperature the tool has to be hot: the driver refuses it below the cold-extrusion limit.
  private func filament() throws -> ManualAct {
    let tool = try toolNumber()
    let target = try number(toolTarget ?? 0, "toolTarget", 0...1000)
    let length = try number(length ?? 50, "length", 0.1...2000)
    return act == "load"
      ? .load(tool: tool, target: target, length: length)
      : .unload(tool: tool, target: target, length: length)
  }

  private func toolNumber() throws -> Int32 { try small(tool ?? 0, "tool", 0...31) }

  private func words() throws -> String {
    guard let text, !text.isEmpty else { throw Problem.request("\(act) wants text") }
    guard text.utf8.count <= 255, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
      throw Problem.request("text is one line of at most 255 bytes without control characters")
    }
    return text
  }

  private func small(_ value: Int, _ name: String, _ range: ClosedRange<Int>) throws -> Int32 {
    guard range.contains(value) else {
      throw Problem.request("\(name) is \(range.lowerBound) to \(range.upperBound)")
    }
    return Int32(value)
  }

  private func number(_ value: Double, _ name: String, _ range: ClosedRange<Double>) throws -> Double {
    guard range.contains(value) else {
      throw Problem.request("\(name) is \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}
