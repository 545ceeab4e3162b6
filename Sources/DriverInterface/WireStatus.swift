/// Fields of the status and of what it is made of.
extension DriverStatus: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.record(1, identity)
    writer.unsigned(2, UInt64(phase.rawValue))
    writer.text(3, reason)
    if let running { writer.record(4, running) }
    for attempt in staged { writer.unsigned(5, attempt.rawValue, always: true) }
    for outcome in outcomes { writer.record(6, outcome) }
    for heater in heaters { writer.record(7, heater) }
    for axis in position { writer.double(8, axis, always: true) }
    writer.text(9, homed)
    writer.text(10, firmware)
    writer.texts(11, capabilities)
    if let prompt { writer.record(12, prompt) }
    writer.integer(13, baudAsked)
    writer.integer(14, baudGranted)
    writer.integer(15, optional: sdPercent)
    writer.record(16, counters)
    writer.integer(17, lastEvent)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(identity: try fields.record(1), phase: try fields.value(2))
    reason = fields.text(3)
    running = try fields[4]?.record()
    for field in fields.all(5) { staged.append(AttemptID(rawValue: try field.unsigned())) }
    outcomes = try fields.records(6)
    heaters = try fields.records(7)
    for field in fields.all(8) { position.append(try field.double()) }
    homed = fields.text(9)
    firmware = fields.text(10)
    capabilities = fields.texts(11)
    prompt = try fields[12]?.record()
    baudAsked = try fields.integer32(13)
    baudGranted = try fields.integer32(14)
    sdPercent = try fields[15]?.integer32()
    counters = try fields.record(16)
    lastEvent = try fields.integer(17)
  }
}

extension HeaterReading: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.text(1, name)
    writer.double(2, current)
    writer.double(3, target)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(name: fields.text(1), current: try fields.double(2), target: try fields.double(3))
  }
}

extension AttemptProgress: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.unsigned(1, attempt.rawValue)
    writer.integer(2, job)
    writer.text(3, name)
    writer.integer(4, fileLine)
    writer.integer(5, byteOffset)
    writer.integer(6, size)
    writer.integer(7, lineNumber)
    writer.integer(8, acknowledged)
    writer.integer(9, resends)
    writer.integer(10, layer)
    writer.integer(11, optional: layers)
    writer.integer(12, elapsed)
    writer.integer(13, optional: remaining)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(
      attempt: try fields.attempt(1), job: try fields.integer(2), name: fields.text(3),
      fileLine: try fields.integer(4), byteOffset: try fields.integer(5), size: try fields.integer(6),
      lineNumber: try fields.integer(7), acknowledged: try fields.integer(8), resends: try fields.integer(9),
      layer: try fields.integer32(10), layers: try fields[11]?.integer32(), elapsed: try fields.integer(12),
      remaining: try fields[13]?.integer())
  }
}

extension AttemptOutcome: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.unsigned(1, UInt64(kind.rawValue))
    writer.record(2, progress)
    if let fault { writer.record(3, fault) }
    writer.integer(4, endedAt)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(
      kind: try fields.value(1), progress: try fields.record(2), fault: try fields[3]?.record(),
      endedAt: try fields.integer(4))
  }
}

extension FirmwarePrompt: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.text(1, text)
    writer.texts(2, choices)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(text: fields.text(1), choices: fields.texts(2))
  }
}

extension LinkCounters: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.integer(1, linesSent)
    writer.integer(2, bytesSent)
    writer.integer(3, bytesReceived)
    writer.integer(4, resends)
    writer.integer(5, garbledReplies)
    writer.integer(6, asked)
    writer.integer(7, resets)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init()
    linesSent = try fields.integer(1)
    bytesSent = try fields.integer(2)
    bytesReceived = try fields.integer(3)
    resends = try fields.integer(4)
    garbledReplies = try fields.integer(5)
    asked = try fields.integer(6)
    resets = try fields.integer(7)
  }
}
