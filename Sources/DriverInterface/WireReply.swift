/// Numbers and fields of the replies.
extension DriverReply: WireRecord {
  private enum Kind: UInt8 {
    case hello = 1
    case done, refused, status, lines, stopped, link, measured, resumePoint
  }

  func write(to writer: inout FieldWriter) {
    switch self {
    case .hello(let version, let driver):
      writer.kind(Kind.hello)
      writer.integer(2, version)
      writer.record(3, driver)
    case .done: writer.kind(Kind.done)
    case .refused(let fault):
      writer.kind(Kind.refused)
      writer.record(2, fault)
    case .status(let status):
      writer.kind(Kind.status)
      writer.record(2, status)
    case .lines(let lines):
      writer.kind(Kind.lines)
      writer.texts(2, lines)
    case .stopped(let confirmed, let sentence):
      writer.kind(Kind.stopped)
      writer.flag(2, confirmed)
      writer.text(3, sentence)
    case .link(let report):
      writer.kind(Kind.link)
      writer.record(2, report)
    case .measured(let measurement):
      writer.kind(Kind.measured)
      writer.record(2, measurement)
    case .resumePoint(let point):
      writer.kind(Kind.resumePoint)
      if let point { writer.record(2, point) }
    }
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    switch try fields.kind(Kind.self) {
    case .hello: self = .hello(version: try fields.integer32(2), driver: try fields.record(3))
    case .done: self = .done
    case .refused: self = .refused(try fields.record(2))
    case .status: self = .status(try fields.record(2))
    case .lines: self = .lines(fields.texts(2))
    case .stopped: self = .stopped(confirmed: try fields.flag(2), sentence: fields.text(3))
    case .link: self = .link(try fields.record(2))
    case .measured: self = .measured(try fields.record(2))
    case .resumePoint: self = .resumePoint(try fields[2]?.record())
    }
  }
}

extension DriverIdentity: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.text(1, version)
    writer.integer(2, pid)
    writer.text(3, machine)
    writer.text(4, port)
    writer.integer(5, startedAt)
    writer.unsigned(6, incarnation)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(
      version: fields.text(1), pid: try fields.integer32(2), machine: fields.text(3), port: fields.text(4),
      startedAt: try fields.integer(5), incarnation: try fields.unsigned(6))
  }
}

extension Fault: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.text(1, code)
    writer.text(2, sentence)
    writer.unsigned(3, UInt64(scope.rawValue))
    writer.integer(4, optional: fileLine)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(
      code: fields.text(1), sentence: fields.text(2), scope: try fields.value(3),
      fileLine: try fields[4]?.integer())
  }
}
