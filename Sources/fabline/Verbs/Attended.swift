import APIModel
import ArgumentParser

struct Start: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Starts a job on a laser or a mill, by a person who stands beside it.",
    discussion: """
      Shows where the job works against the machine's travel, the work offset, $30 and $32, and asks. Each copy asks \
      again. There is no way to say yes beforehand: who starts these machines watches them.
      """)

  @Argument(help: "The job's number.") var job: JobNumber
  @Option(help: "The machine at which you stand.") var machine: MachineName
  @Flag(help: "Follow it to its end, and exit with what became of it.") var wait = false
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let started = try await context.withSupervisor { api in
      let bounds = try await api.bounds(job.value, machine: machine.value)
      for line in BoundsText.lines(bounds) { Output.complain(line) }
      try Consent.ask(
        "start job \(job.value) on \(machine.value) now? you stay beside it until it ends", hint: nil)
      return try await api.start(job.value, machine: machine.value)
    }
    if !wait || !context.output.json {
      try context.output.answer(started) { output in
        let until = started.startsUntil.map { ", before \(Timestamp.local($0))" } ?? ""
        output.say("job \(job.value) starts on \(machine.value) as soon as it can\(until)")
      }
    }
    if wait { try await JobFollower(context: context, job: job.value).follow() }
  }
}

struct Frame: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Traces where a job will work, with beam or spindle off.")

  @Argument(help: "The job's number.") var job: JobNumber
  @Option(help: "The machine, where the job could run on several.") var machine: MachineName?
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    let framed = try await context.withSupervisor { api in
      try await api.frame(job.value, machine: machine?.value)
    }
    try context.output.answer(framed) { output in
      for line in BoundsText.lines(framed) { output.say(line) }
      output.say("\(framed.machine) traced job \(job.value) with beam and spindle off")
    }
  }
}

/// The bounds of a job against its machine as people read them.
enum BoundsText {
  /// A line an axis, then what the firmware was told, then what does not fit.
  static func lines(_ bounds: BoundsModel) -> [String] {
    var lines: [String] = []
    for (index, axis) in ["X", "Y", "Z"].enumerated() {
      lines.append("  \(axis)  " + extent(bounds, index))
    }
    if let offset = bounds.workOffset {
      let words = zip(["X", "Y", "Z"], offset).map { "\($0)\(NumberText.decimal($1, digits: 3))" }
      lines.append("  zero of the work at \(words.joined(separator: " ")) of the machine")
    } else {
      lines.append("  zero of the work: not read in this session")
    }
    lines.append("  " + power(bounds))
    return lines + bounds.warnings.map { "  ! " + TextWidth.harmless($0) }
  }

  private static func extent(_ bounds: BoundsModel, _ axis: Int) -> String {
    func value(_ list: [Double?]) -> Double? { axis < list.count ? list[axis] : nil }
    let travel =
      axis < bounds.travel.count ? " of \(NumberText.decimal(bounds.travel[axis], digits: 2)) mm" : ""
    guard let least = value(bounds.least), let most = value(bounds.most) else { return "not moved" }
    return "\(NumberText.decimal(least, digits: 2)) to \(NumberText.decimal(most, digits: 2))\(travel)"
  }

  private static func power(_ bounds: BoundsModel) -> String {
    let power =
      bounds.maximumPower.map { "$30 (full power) is \(NumberText.decimal($0, digits: 3))" }
      ?? "$30 (full power) was not read"
    let mode =
      bounds.laserMode.map { $0 ? "$32 (laser mode) is on" : "$32 (laser mode) is OFF" }
      ?? "$32 (laser mode) was not read"
    return power + ", " + mode
  }
}

struct Zero: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Makes where the tool stands the zero of the work (G54).",
    discussion: "The firmware keeps it, also without power. Example: fabline zero k40 XY")

  @Argument(help: "The machine.") var machine: MachineName
  @Argument(help: "Letters out of XYZ; all without.") var axes = ""
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard axes.uppercased().allSatisfy({ "XYZ".contains($0) }) else {
      throw ValidationError("'\(axes)' holds a letter that is no axis: X, Y and Z are.")
    }
  }

  func perform(_ context: Context) async throws {
    var act = ActRequest(act: "zero")
    act.axes = axes.uppercased()
    let what = axes.isEmpty ? "XYZ" : axes.uppercased()
    try await MachineAct.perform(
      act, on: machine.value, context, done: "\(machine.value): the work's zero of \(what) is here")
  }
}

struct Unlock: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Takes a GRBL machine out of its alarm ($X).",
    discussion: """
      After an alarm the firmware may not know where the machine stands: look first. Where it has switches, \
      `fabline machine home-cycle` is the better way out.
      """)

  @Argument(help: "The machine.") var machine: MachineName
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await MachineAct.perform(
      ActRequest(act: "unlock"), on: machine.value, context,
      done: "\(machine.value): unlocked; where it stands is only known after homing or `fabline zero`")
  }
}

struct MachineHomeCycle: Verb {
  static let configuration = CommandConfiguration(
    commandName: "home-cycle", abstract: "Runs a GRBL machine's homing cycle ($H): it moves to its switches.")

  @Argument(help: "The machine.") var name: MachineName
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try await MachineAct.perform(
      ActRequest(act: "homeCycle"), on: name.value, context, done: "\(name.value): homed")
  }
}
