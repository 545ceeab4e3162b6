/// Fields of the resume point and of what it is made of, and of a change of the link.
extension ResumePoint: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.unsigned(1, attempt.rawValue)
    writer.integer(2, job)
    writer.integer(3, at)
    writer.record(4, acknowledged)
    writer.record(5, sent)
    for anchor in mayNotHaveRun { writer.record(6, anchor) }
    writer.flag(7, isFirstOnly)
    writer.record(8, modal)
    writer.integer(9, staleMs)
    if earlierMs != 0 { writer.record(10, earlier) }
    writer.integer(11, earlierMs)
    writer.integer(12, syncMs)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(attempt: try fields.attempt(1), job: try fields.integer(2), at: try fields.integer(3))
    acknowledged = try fields.record(4)
    sent = try fields.record(5)
    mayNotHaveRun = try fields.records(6)
    isFirstOnly = try fields.flag(7)
    modal = try fields.record(8)
    staleMs = try fields.integer(9)
    earlierMs = try fields.integer(11)
    if earlierMs != 0 { earlier = try fields.record(10) }
    syncMs = try fields.integer(12)
  }
}

extension StreamAnchor: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.integer(1, fileLine)
    writer.integer(2, byteOffset)
    writer.integer(3, lineNumber)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(
      fileLine: try fields.integer(1), byteOffset: try fields.integer(2), lineNumber: try fields.integer(3))
  }
}

extension ToolTarget: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.integer(1, tool)
    writer.double(2, target)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(tool: try fields.integer32(1), target: try fields.double(2))
  }
}

extension ModalRecord: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.double(1, x)
    writer.double(2, y)
    writer.double(3, z)
    writer.double(4, e)
    writer.text(5, known)
    writer.flag(6, isRelative)
    writer.flag(7, isExtruderRelative)
    writer.flag(8, isInch)
    writer.double(9, feedrate)
    writer.integer(10, tool)
    for target in toolTargets { writer.record(11, target) }
    writer.double(12, bed)
    writer.double(13, chamber)
    for fan in fans { writer.double(14, fan, always: true) }
    writer.double(15, speed, always: true)
    writer.double(16, flow, always: true)
    writer.double(17, printAcceleration)
    writer.double(18, retractAcceleration)
    writer.double(19, travelAcceleration)
    writer.double(20, babystep)
    writer.unsigned(21, UInt64(levelling.rawValue))
    writer.double(22, offsetX)
    writer.double(23, offsetY)
    writer.double(24, offsetZ)
    writer.double(25, offsetE)
    writer.text(26, homed)
    writer.integer(27, layer)
    writer.flag(28, isParked)
    for axis in parkedAt { writer.double(29, axis, always: true) }
    writer.flag(30, wasAdjusted)
    writer.text(31, pauseReason)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init()
    x = try fields.double(1)
    y = try fields.double(2)
    z = try fields.double(3)
    e = try fields.double(4)
    known = fields.text(5)
    isRelative = try fields.flag(6)
    isExtruderRelative = try fields.flag(7)
    isInch = try fields.flag(8)
    feedrate = try fields.double(9)
    tool = try fields.integer32(10)
    toolTargets = try fields.records(11)
    bed = try fields.double(12)
    chamber = try fields.double(13)
    for field in fields.all(14) { fans.append(try field.double()) }
    speed = try fields[15]?.double() ?? 100
    flow = try fields[16]?.double() ?? 100
    printAcceleration = try fields.double(17)
    retractAcceleration = try fields.double(18)
    travelAcceleration = try fields.double(19)
    babystep = try fields.double(20)
    levelling = try fields.value(21)
    offsetX = try fields.double(22)
    offsetY = try fields.double(23)
    offsetZ = try fields.double(24)
    offsetE = try fields.double(25)
    homed = fields.text(26)
    layer = try fields.integer32(27)
    isParked = try fields.flag(28)
    for field in fields.all(29) { parkedAt.append(try field.double()) }
    wasAdjusted = try fields.flag(30)
    pauseReason = fields.text(31)
  }
}

extension LinkChange: WireRecord {
  private enum Kind: UInt8 {
    case lost = 1
    case glitch, reset, waiting
  }

  func write(to writer: inout FieldWriter) {
    switch self {
    case .lost(let reason):
      writer.kind(Kind.lost)
      writer.text(2, reason)
    case .glitch(let gap):
      writer.kind(Kind.glitch)
      writer.integer(3, gap)
    case .reset(let reason):
      writer.kind(Kind.reset)
      writer.text(2, reason)
    case .waiting: writer.kind(Kind.waiting)
    }
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    switch try fields.kind(Kind.self) {
    case .lost: self = .lost(reason: fields.text(2))
    case .glitch: self = .glitch(gapMs: try fields.integer(3))
    case .reset: self = .reset(reason: fields.text(2))
    case .waiting: self = .waiting
    }
  }
}
