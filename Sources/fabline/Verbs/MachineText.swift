import APIModel

/// Machines as people read them.
enum MachineText {
  /// The table of `fabline machine list` and `fabline status`.
  static func table(_ machines: [MachineModel], unicode: Bool) -> TextTable {
    var table = TextTable([
      .init(title: "MACHINE"),
      .init(title: "STATE", minimum: 12),
      .init(title: "JOB", right: true, expendable: 1),
      .init(title: "PROGRESS", expendable: 2),
      .init(title: "BED", expendable: 3),
      .init(title: "HEAT", expendable: 5),
      .init(title: "LOADED", minimum: 6, expendable: 6),
      .init(title: "POOL", minimum: 6, expendable: 7),
      .init(title: "PORT", minimum: 12, expendable: 4),
    ])
    for machine in machines {
      table.add([
        machine.settings.name, state(machine), machine.job.map { "\($0)" } ?? "", progress(machine),
        bed(machine),
        heaters(machine, unicode: unicode), loaded(machine.settings), machine.settings.pool ?? "",
        machine.settings.port,
      ])
    }
    return table
  }

  /// The phase in words, with what keeps the machine from its next job.
  static func state(_ machine: MachineModel) -> String {
    if let reason = machine.disabled { return "disabled: \(reason)" }
    let phase = phase(machine.phase)
    if machine.phase == "idle", !machine.ready { return "idle, not ready" }
    return machine.reason.map { $0.isEmpty ? phase : "\(phase): \($0)" } ?? phase
  }

  /// The driver's phase in words.
  static func phase(_ name: String) -> String {
    switch name {
    case "noDriver": "no driver"
    case "needsAttention": "needs attention"
    case "linkLost": "link lost"
    case "printingNotOurs": "printing (not ours)"
    default: name
    }
  }

  private static func progress(_ machine: MachineModel) -> String {
    if machine.progress == nil, machine.phase == "printingNotOurs", let percent = machine.cardPercent {
      return "\(percent)%"
    }
    guard let progress = machine.progress else { return "" }
    let layer = progress.layer.map { ", layer \($0)" + (progress.layers.map { "/\($0)" } ?? "") } ?? ""
    let left = progress.remaining.map { ", \(DurationText.short($0)) left" } ?? ""
    return "\(Int(progress.fraction * 100))%\(layer)\(left)"
  }

  private static func bed(_ machine: MachineModel) -> String {
    machine.bed == .occupied ? machine.bedJob.map { "job \($0)" } ?? "occupied" : machine.bed.rawValue
  }

  /// `T0 215/215° B 60/60°`.
  static func heaters(_ machine: MachineModel, unicode: Bool) -> String {
    machine.heaters.map {
      ProgressLine.heater(.init(name: $0.name, current: $0.current, target: $0.target), unicode: unicode)
    }.joined(separator: " ")
  }

  private static func loaded(_ settings: MachineSettings) -> String {
    settings.tools.map { tool in
      [tool.nozzle.map { NumberText.decimal($0, digits: 2) }, tool.material, tool.colour]
        .compactMap { $0 }.joined(separator: " ")
    }.joined(separator: ", ")
  }

  /// Which device it is bound to, where there is something to say.
  static func device(_ machine: MachineModel) -> [String] {
    guard let identity = machine.identity else { return [] }
    var lines: [String] = []
    if let device = identity.device {
      let by = identity.serialNumber != nil && !identity.isSerialShared ? "its serial number" : "its socket"
      lines.append("bound to \(device), known by \(by), opened as \(identity.path)")
    }
    if let note = identity.note, identity.state != "here" { lines.append(note) }
    return lines.map { TextWidth.harmless($0) }
  }

  /// The lines of `fabline status MACHINE`.
  static func lines(_ machine: MachineModel, unicode: Bool) -> [String] {
    let settings = machine.settings
    var lines = ["\(settings.name): \(state(machine))"]
    if let job = machine.job {
      lines.append("  job \(job)" + (machine.progress == nil ? "" : ", " + progress(machine)))
    }
    if machine.job == nil, machine.phase == "printingNotOurs" {
      let percent = machine.cardPercent.map { ", \($0)%" } ?? ""
      lines.append(
        "  a print from its own card\(percent); fabline pause, resume or stop \(settings.name) acts on it")
    }
    let heat = heaters(machine, unicode: unicode)
    if !heat.isEmpty { lines.append("  " + heat) }
    if machine.position.count >= 3 {
      let axes = zip(["X", "Y", "Z", "E"], machine.position).map {
        "\($0)\(NumberText.decimal($1, digits: 2))"
      }
      lines.append("  at " + axes.joined(separator: " "))
    }
    lines.append("  bed \(machine.bed.rawValue)" + (machine.bedJob.map { " by job \($0)" } ?? ""))
    let speed = machine.baudGranted.flatMap {
      $0 != settings.baud && $0 > 0 ? " (the adapter chose \($0))" : nil
    }
    lines.append("  port \(settings.port) at \(settings.baud) baud\(speed ?? "")")
    lines += device(machine).map { "  " + $0 }
    if let firmware = machine.firmware, !firmware.isEmpty {
      lines.append("  firmware \(firmwareName(firmware))")
    }
    let tools = loaded(settings)
    if !tools.isEmpty { lines.append("  loaded \(tools)") }
    if let pool = settings.pool { lines.append("  pool \(pool)") }
    if machine.resends > 0 {
      lines.append("  \(NumberText.count(machine.resends, "resend")) since its driver started")
    }
    if let prompt = machine.prompt { lines += asking(settings.name, prompt) }
    return lines
  }

  /// The name out of the firmware's answer to M115, which goes on with `KEY:value` pairs.
  static func firmwareName(_ answer: String) -> String {
    let head = "FIRMWARE_NAME:"
    let text = answer.hasPrefix(head) ? String(answer.dropFirst(head.count)) : answer
    var name: [Substring] = []
    for word in text.split(separator: " ") {
      if let colon = word.firstIndex(of: ":"), word[..<colon].allSatisfy({ $0 == "_" || $0.isUppercase }) {
        break
      }
      name.append(word)
    }
    let joined = name.joined(separator: " ")
    return joined.hasSuffix(":") ? String(joined.dropLast()) : joined
  }

  /// The firmware's question and how to answer it.
  static func asking(_ name: String, _ prompt: PromptModel) -> [String] {
    let choices = prompt.choices.enumerated().map { "    \($0): \($1)" }
    let way = choices.isEmpty ? "fabline answer \(name)" : "fabline answer \(name) CHOICE"
    return ["  it asks: \(prompt.text)"] + choices + ["  answer with: \(way)"]
  }
}
