import GCode

/// Lines and acts by hand (safety rules 9 and 13).
extension PrinterSession {
  /// Sends one line by hand where safety rule 9 permits it; its answer comes as events with `token`.
  public mutating func send(line: ArraySlice<UInt8>, token: UInt64, now: Int64) throws(SessionRefusal) {
    let clean = cleaned(line)
    guard let command = try checked(clean) else {
      tell(.answered(token: token, fault: nil))
      return
    }
    switch judge.hand(command, isRunning: job != nil) {
    case .send:
      try requireConversation()
      hands.append(HandWork(token: token, lines: [Array(clean)]))
      advance(now: now)
    case .refuse(let refusal): throw refusal
    case .ask(let words): throw SessionRefusal(code: "line.refused", sentence: words)
    case .stop:
      emergencyStop(now: now)
      tell(.answered(token: token, fault: nil))
    case .answer:
      try requireConversation()
      sendUrgent(String(decoding: clean, as: UTF8.self), now: now)
      tell(.answered(token: token, fault: nil))
    }
  }

  /// Whether a line can be sent at all; nil for one that is empty.
  private func checked(_ clean: ArraySlice<UInt8>) throws(SessionRefusal) -> Command? {
    guard let first = clean.first else { return nil }
    for byte in clean where byte < 32 || byte > 126 {
      throw SessionRefusal(
        code: "line.bytes",
        sentence:
          "the line holds bytes that are no printable ASCII; firmware may take them for something else")
    }
    guard clean.count <= longestContent else {
      throw SessionRefusal(
        code: "line.tooLong",
        sentence: "the line has \(clean.count) characters, of which the firmware takes \(longestContent)")
    }
    let isNumbered =
      ASCII.lower(first) == UInt8(ascii: "n") && clean.dropFirst().first.map(ASCII.isDigit) == true
    guard !isNumbered, !clean.contains(ASCII.star) else {
      throw SessionRefusal(
        code: "line.numbering", sentence: "line numbers and checksums belong to the driver; leave them out")
    }
    guard let command = Command(clean) else {
      throw SessionRefusal(code: "line.noCommand", sentence: "the line holds no G-code command")
    }
    return command
  }

  private func requireConversation() throws(SessionRefusal) {
    switch phase {
    case .idle, .printing, .pausing, .paused, .resuming, .cancelling, .needsAttention: return
    case .disconnected, .opening, .handshaking, .killed, .linkLost, .printingNotOurs: throw notReady()
    }
  }

  /// Does a manual act; `.answered` with `token` follows when it is done.
  public mutating func act(_ act: SessionAct, token: UInt64, now: Int64) throws(SessionRefusal) {
    noteMotors(now: now)
    let lines = try composed(act)
    if phase == .idle {
      toolOffAt = nil
      bedOffAt = nil
    }
    guard !lines.isEmpty else { return tell(.answered(token: token, fault: nil)) }
    hands.append(HandWork(token: token, lines: lines))
    advance(now: now)
  }

  private func composed(_ act: SessionAct) throws(SessionRefusal) -> [[UInt8]] {
    switch act {
    case .home(let axes):
      try requireIdle()
      var line = OwnLine.bytes("G28")
      for axis in axes.utf8 where "XYZ".utf8.contains(axis & 0xdf) {
        line.append(contentsOf: [ASCII.space, axis & 0xdf])
      }
      return [line]
    case .jog(let x, let y, let z, let e, let feedrate, let unhomed):
      try requireIdle()
      return try jog(x, y, z, e, feedrate, unhomed: unhomed)
    case .heatTool(let tool, let target):
      try requireConversation()
      try requireTool(tool)
      if let refusal = judge.over(target, configuration.maximumTool, "the hot end") { throw refusal }
      return [OwnLine.words("M104", toolWord(tool) + [("S", max(0, target))])]
    case .heatBed(let target):
      try requireConversation()
      if let refusal = judge.over(target, configuration.maximumBed, "the bed") { throw refusal }
      return [OwnLine.words("M140", [("S", max(0, target))])]
    case .cool:
      try requireConversation()
      return heatersOffLines(tools: true, bed: true)
    case .feedrate(let percent):
      try requireConversation()
      return [OwnLine.words("M220", [("S", Double(max(1, percent)))])]
    case .flow(let percent):
      try requireConversation()
      return [OwnLine.words("M221", [("S", Double(max(1, percent)))])]
    case .fan(let speed):
      try requireConversation()
      return [OwnLine.words("M106", [("S", Double(max(0, min(255, speed))))])]
    case .babystep(let z):
      try requireConversation()
      return [OwnLine.words("M290", [("Z", z)])]
    case .load(let tool, let target, let length): return try filament(tool, target, abs(length))
    case .unload(let tool, let target, let length): return try filament(tool, target, -abs(length))
    case .script(let name, let lines): return try macro(name, lines)
    case .pauseSD: return try card("M25")
    case .resumeSD: return try card("M24")
    case .stopSD: return try card("M524")
    }
  }

  private func requireIdle() throws(SessionRefusal) {
    guard job == nil else {
      throw SessionRefusal(
        code: "line.refusedWhileRunning", sentence: "the machine must not be moved by hand while a job runs")
    }
    guard phase == .idle else { throw notReady() }
  }

  private func requireTool(_ tool: Int32) throws(SessionRefusal) {
    guard tool >= 0, tool < configuration.tools else {
      throw SessionRefusal(
        code: "limit.tool", sentence: "this machine has \(configuration.tools) hot ends, counted from 0")
    }
  }

  private func jog(
    _ x: Double, _ y: Double, _ z: Double, _ e: Double, _ feedrate: Double, unhomed: Bool
  ) throws(SessionRefusal) -> [[UInt8]] {
    var words: [(letter: String, value: Double)] = []
    var axes: Axes = []
    if x != 0 {
      words.append(("X", x))
      axes.insert(.x)
    }
    if y != 0 {
      words.append(("Y", y))
      axes.insert(.y)
    }
    if z != 0 {
      words.append(("Z", z))
      axes.insert(.z)
    }
    guard unhomed || modal.trusted.isSuperset(of: axes) else {
      throw SessionRefusal(
        code: "limit.unhomed",
        sentence: "an axis of this move is not homed; home it first, or say that it may move unhomed")
    }
    if e != 0 {
      try requireHot(modal.tool)
      words.append(("E", e))
    }
    guard !words.isEmpty else { return [] }
    if feedrate > 0 { words.append(("F", feedrate)) }
    return [OwnLine.bytes("G91"), OwnLine.bytes("M83"), OwnLine.words("G1", words)] + restoredModes()
  }

  private func restoredModes() -> [[UInt8]] {
    [
      OwnLine.bytes(modal.isRelative ? "G91" : "G90"),
      OwnLine.bytes(modal.isExtruderRelative ? "M83" : "M82"),
    ]
  }

  private func requireHot(_ tool: Int32) throws(SessionRefusal) {
    let current = temperatures.first(where: { $0.heater == .tool(tool) })?.current ?? 0
    guard current >= configuration.coldExtrusion else {
      throw SessionRefusal(
        code: "limit.coldExtrusion",
        sentence:
          "the hot end has \(OwnLine.text(current)) °C; below \(OwnLine.text(configuration.coldExtrusion)) °C the extruder is not moved"
      )
    }
  }

  private func filament(_ tool: Int32, _ target: Double, _ length: Double) throws(SessionRefusal) -> [[UInt8]]
  {
    try requireIdle()
    try requireTool(tool)
    if let refusal = judge.over(target, configuration.maximumTool, "the hot end") { throw refusal }
    guard target >= configuration.coldExtrusion else {
      throw SessionRefusal(
        code: "limit.coldExtrusion",
        sentence:
          "\(OwnLine.text(target)) °C is below \(OwnLine.text(configuration.coldExtrusion)) °C, where the extruder is not moved"
      )
    }
    var lines: [[UInt8]] = []
    if configuration.tools > 1 { lines.append(OwnLine.bytes("T\(tool)")) }
    lines.append(OwnLine.words("M109", toolWord(tool) + [("S", target)]))
    lines.append(OwnLine.bytes("M83"))
    lines.append(OwnLine.words("G1", [("E", length), ("F", 300)]))
    lines.append(OwnLine.bytes("M400"))
    return lines + restoredModes()
  }

  private func macro(_ name: String, _ texts: [String]) throws(SessionRefusal) -> [[UInt8]] {
    try requireConversation()
    var lines: [[UInt8]] = []
    for text in texts {
      let bytes = OwnLine.bytes(text)
      let clean = cleaned(bytes[...])
      guard let command = try checked(clean) else { continue }
      switch judge.hand(command, isRunning: job != nil) {
      case .send: lines.append(Array(clean))
      case .refuse(let refusal):
        throw SessionRefusal(code: refusal.code, sentence: "macro \(name): \(refusal.sentence)")
      case .ask, .stop, .answer:
        throw SessionRefusal(
          code: "line.refused", sentence: "macro \(name): \(command.name) cannot stand in a macro")
      }
    }
    return lines
  }

  private func card(_ command: String) throws(SessionRefusal) -> [[UInt8]] {
    guard phase == .printingNotOurs else {
      throw SessionRefusal(code: "card.none", sentence: "no print from the printer's card is running")
    }
    return [OwnLine.bytes(command)]
  }
}
