extension Obstacle {
  /// The stable word for programs.
  public var code: String {
    switch self {
    case .hold: "hold"
    case .stopped: "stopped"
    case .draining: "draining"
    case .noMachine: "noMachine"
    case .unattended: "unattended"
    case .bed: "bed"
    case .notReady: "notReady"
    case .disabled: "disabled"
    case .disconnected: "disconnected"
    case .busy: "busy"
    case .tools: "tools"
    case .material: "material"
    case .nozzle: "nozzle"
    case .size: "size"
    case .model: "model"
    case .temperature: "temperature"
    case .ahead: "ahead"
    case .elsewhere: "elsewhere"
    }
  }

  /// It would be the same on every machine.
  public var concernsJobAlone: Bool {
    switch self {
    case .hold, .stopped, .draining, .noMachine, .elsewhere: true
    case .unattended, .bed, .notReady, .disabled, .disconnected, .busy, .tools, .material, .nozzle, .size,
      .model,
      .temperature, .ahead:
      false
    }
  }

  /// A person may accept it by releasing the job; a temperature above the limit never.
  public var isAcceptable: Bool {
    switch self {
    case .tools, .material, .nozzle, .size, .model: true
    case .hold, .stopped, .draining, .noMachine, .unattended, .bed, .notReady, .disabled, .disconnected,
      .busy, .temperature, .ahead, .elsewhere:
      false
    }
  }

  /// The file does not fit the machine: found at submission too (safety.md rule 7).
  public var isMismatch: Bool {
    switch self {
    case .tools, .material, .nozzle, .size, .model, .temperature: true
    case .hold, .stopped, .draining, .noMachine, .unattended, .bed, .notReady, .disabled, .disconnected,
      .busy, .ahead, .elsewhere:
      false
    }
  }

  /// A clause for a person, without the machine's name.
  public var sentence: String {
    switch self {
    case .hold(let reason): "the job is held: \(reason)"
    case .stopped(let reason): reason
    case .draining(let who):
      "no job starts since \(who) said `fabline drain`; `fabline drain --off` ends that"
    case .noMachine(let sentence): sentence
    case .unattended(let kind, let job):
      "it is a \(kind.words): each copy starts within two minutes of `fabline start \(job)`, given at the machine"
    case .bed(let state, let job, let reason): Self.bedSentence(state, job, reason)
    case .notReady: "nobody said that it may start since it was switched on or reset; `fabline ready` does"
    case .disabled(let reason): "it is disabled: \(reason)"
    case .disconnected(let words): "it \(words)"
    case .busy(let job, let words): job.map { "it \(words) job \($0)" } ?? "it \(words)"
    case .tools(let wanted, let there): "the file uses \(wanted) tools, it has \(there)"
    case .material(let wanted, let loaded, let tool): "\(wanted) is not loaded in T\(tool) (\(loaded) is)"
    case .nozzle(let wanted, let mounted, let tool):
      "T\(tool) has a nozzle of \(trimmed(mounted)) mm, the file wants \(trimmed(wanted)) mm"
    case .size(let axis, let wanted, let there):
      "the file needs \(trimmed(wanted)) mm in \(axis), it has \(trimmed(there)) mm"
    case .model(let wanted, let there): "the file is sliced for \(wanted), it is a \(there)"
    case .temperature(let heater, let wanted, let limit):
      "the file heats the \(heater) to \(trimmed(wanted)) °C, its limit is \(trimmed(limit)) °C"
    case .ahead(let job, let because): "job \(job) goes first: \(because.words)"
    case .elsewhere(let machine): "its last waiting copy goes to \(machine)"
    }
  }

  private static func bedSentence(_ state: MachineRecord.Bed.State, _ job: Int64?, _ reason: String?)
    -> String
  {
    switch (state, job) {
    case (.clear, _): "the bed is clear"
    case (.unknown, _): "the bed is not known to be clear: `fabline ready` says so"
    case (.occupied, .some(let job)): "the bed is not clear: job \(job)'s part lies there"
    case (.occupied, .none): "the bed is not clear\(reason.map { ": \($0)" } ?? "")"
    }
  }
}

extension [Obstacle] {
  /// All of them in one clause.
  var clause: String { map(\.sentence).joined(separator: ", and ") }
}

extension Precedence {
  /// A clause for a person.
  public var words: String {
    switch self {
    case .placed: "it was put before it"
    case .priority(let this, let other): "its priority is \(this), with its wait counted in, against \(other)"
    case .due: "it is due earlier"
    case .fairShare(let submitter, let hours, let other):
      "\(submitter) has had \(trimmed(hours)) h of machine time lately, against \(trimmed(other)) h"
    case .servedLongerAgo(let submitter): "\(submitter) was served longer ago"
    case .age: "it came first"
    }
  }
}

extension MachineRecord.Kind {
  var words: String {
    switch self {
    case .printer: "printer"
    case .laser: "laser"
    case .cnc: "mill"
    }
  }
}

/// A number without a needless fraction: `0.4`, `210`, `12.35`.
func trimmed(_ number: Double) -> String {
  let rounded = (number * 100).rounded() / 100
  guard let whole = Int64(exactly: rounded) else { return "\(rounded)" }
  return "\(whole)"
}
