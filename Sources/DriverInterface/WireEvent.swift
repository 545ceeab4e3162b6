/// Numbers and fields of the events. Fields 1 to 3 belong to every event; the kind's own fields start at 4.
extension DriverEvent: WireRecord {
  private enum Kind: UInt8 {
    case phase = 1
    case opened, connected, started, progress, heaters, resend, message, prompt, fault, ended, firmwareReset,
      wire
    case recorderDumped, link, openingResets
  }

  func write(to writer: inout FieldWriter) {
    writer.integer(2, sequence)
    writer.integer(3, at)
    switch kind {
    case .phase(let phase, let reason):
      writer.kind(Kind.phase)
      writer.unsigned(4, UInt64(phase.rawValue))
      writer.text(5, reason)
    case .opened(let asked, let granted):
      writer.kind(Kind.opened)
      writer.integer(4, asked)
      writer.integer(5, granted)
    case .connected(let firmware):
      writer.kind(Kind.connected)
      writer.text(4, firmware)
    case .started(let attempt, let job):
      writer.kind(Kind.started)
      writer.unsigned(4, attempt.rawValue)
      writer.integer(5, job)
    case .progress(let progress):
      writer.kind(Kind.progress)
      writer.record(4, progress)
    case .heaters(let readings):
      writer.kind(Kind.heaters)
      for reading in readings { writer.record(4, reading) }
    case .resend(let lineNumber, let fileLine, let words):
      writer.kind(Kind.resend)
      writer.integer(4, lineNumber)
      writer.integer(5, fileLine)
      writer.text(6, words)
    case .message(let words):
      writer.kind(Kind.message)
      writer.text(4, words)
    case .prompt(let prompt):
      writer.kind(Kind.prompt)
      if let prompt { writer.record(4, prompt) }
    case .fault(let fault):
      writer.kind(Kind.fault)
      writer.record(4, fault)
    case .ended(let outcome):
      writer.kind(Kind.ended)
      writer.record(4, outcome)
    case .firmwareReset: writer.kind(Kind.firmwareReset)
    case .wire(let sent, let line):
      writer.kind(Kind.wire)
      writer.flag(4, sent)
      writer.text(5, line)
    case .recorderDumped(let path):
      writer.kind(Kind.recorderDumped)
      writer.text(4, path)
    case .link(let change):
      writer.kind(Kind.link)
      writer.record(4, change)
    case .openingResets(let resets):
      writer.kind(Kind.openingResets)
      writer.flag(4, resets)
    }
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(
      sequence: try fields.integer(2), at: try fields.integer(3), kind: try DriverEvent.kind(of: fields))
  }

  private static func kind(of fields: FieldSet) throws(FrameError) -> DriverEventKind {
    switch try fields.kind(Kind.self) {
    case .phase: .phase(try fields.value(4), reason: fields.text(5))
    case .opened: .opened(baudAsked: try fields.integer32(4), baudGranted: try fields.integer32(5))
    case .connected: .connected(firmware: fields.text(4))
    case .started: .started(try fields.attempt(4), job: try fields.integer(5))
    case .progress: .progress(try fields.record(4))
    case .heaters: .heaters(try fields.records(4))
    case .resend:
      .resend(lineNumber: try fields.integer(4), fileLine: try fields.integer(5), words: fields.text(6))
    case .message: .message(fields.text(4))
    case .prompt: .prompt(try fields[4]?.record())
    case .fault: .fault(try fields.record(4))
    case .ended: .ended(try fields.record(4))
    case .firmwareReset: .firmwareReset
    case .wire: .wire(sent: try fields.flag(4), line: fields.text(5))
    case .recorderDumped: .recorderDumped(path: fields.text(4))
    case .link: .link(try fields.record(4))
    case .openingResets: .openingResets(try fields.flag(4))
    }
  }
}
