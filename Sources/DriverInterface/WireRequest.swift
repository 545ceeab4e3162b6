/// Numbers and fields of the requests. Field 1 is the case; a case that this version does not know is `unknownValue`.
extension DriverRequest: WireRecord {
  private enum Kind: UInt8 {
    case hello = 1
    case status, subscribe, stage, start, withdraw, acknowledgeOutcome, pause, resume, cancel, answer, send,
      act
    case emergencyStop, reset, disconnect, connect, wireLog, recorder, end
    case linkReport, unlock, homeCycle, resumePoint, suspend
  }

  func write(to writer: inout FieldWriter) {
    switch self {
    case .hello(let versions, let client):
      writer.kind(Kind.hello)
      writer.integer(2, versions.lowest)
      writer.integer(3, versions.highest)
      writer.text(4, client)
    case .status: writer.kind(Kind.status)
    case .subscribe(let after):
      writer.kind(Kind.subscribe)
      writer.integer(2, after)
    case .stage(let staged):
      writer.kind(Kind.stage)
      writer.record(2, staged)
    case .start(let attempt): writer.kind(Kind.start, attempt)
    case .withdraw(let attempt): writer.kind(Kind.withdraw, attempt)
    case .acknowledgeOutcome(let attempt): writer.kind(Kind.acknowledgeOutcome, attempt)
    case .pause(let attempt): writer.kind(Kind.pause, attempt)
    case .resume(let attempt): writer.kind(Kind.resume, attempt)
    case .cancel(let attempt): writer.kind(Kind.cancel, attempt)
    case .answer(let choice):
      writer.kind(Kind.answer)
      writer.integer(2, optional: choice)
    case .send(let line):
      writer.kind(Kind.send)
      writer.text(2, line)
    case .act(let act):
      writer.kind(Kind.act)
      writer.record(2, act)
    case .emergencyStop: writer.kind(Kind.emergencyStop)
    case .reset: writer.kind(Kind.reset)
    case .disconnect: writer.kind(Kind.disconnect)
    case .connect: writer.kind(Kind.connect)
    case .wireLog(let isOn):
      writer.kind(Kind.wireLog)
      writer.flag(2, isOn)
    case .recorder: writer.kind(Kind.recorder)
    case .end(let force):
      writer.kind(Kind.end)
      writer.flag(2, force)
    case .linkReport: writer.kind(Kind.linkReport)
    case .unlock: writer.kind(Kind.unlock)
    case .homeCycle: writer.kind(Kind.homeCycle)
    case .resumePoint(let attempt): writer.kind(Kind.resumePoint, attempt)
    case .suspend(let deadline):
      writer.kind(Kind.suspend)
      writer.integer(2, deadline)
    }
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    switch try fields.kind(Kind.self) {
    case .hello:
      self = .hello(
        versions: VersionRange(lowest: try fields.integer32(2), highest: try fields.integer32(3)),
        client: fields.text(4))
    case .status: self = .status
    case .subscribe: self = .subscribe(after: try fields.integer(2))
    case .stage: self = .stage(try fields.record(2))
    case .start: self = .start(try fields.attempt(2))
    case .withdraw: self = .withdraw(try fields.attempt(2))
    case .acknowledgeOutcome: self = .acknowledgeOutcome(try fields.attempt(2))
    case .pause: self = .pause(try fields.attempt(2))
    case .resume: self = .resume(try fields.attempt(2))
    case .cancel: self = .cancel(try fields.attempt(2))
    case .answer: self = .answer(choice: try fields[2]?.integer32())
    case .send: self = .send(line: fields.text(2))
    case .act: self = .act(try fields.record(2))
    case .emergencyStop: self = .emergencyStop
    case .reset: self = .reset
    case .disconnect: self = .disconnect
    case .connect: self = .connect
    case .wireLog: self = .wireLog(try fields.flag(2))
    case .recorder: self = .recorder
    case .end: self = .end(force: try fields.flag(2))
    case .linkReport: self = .linkReport
    case .unlock: self = .unlock
    case .homeCycle: self = .homeCycle
    case .resumePoint: self = .resumePoint(try fields.attempt(2))
    case .suspend: self = .suspend(deadlineMs: try fields.integer(2))
    }
  }
}

extension StagedAttempt: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.unsigned(1, attempt.rawValue)
    writer.integer(2, job)
    writer.text(3, path)
    writer.integer(4, size)
    writer.text(5, name)
    writer.flag(6, startWhenDone)
    writer.integer(7, optional: lines)
    writer.integer(8, optional: seconds)
    writer.integer(9, optional: layers)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init(
      attempt: try fields.attempt(1), job: try fields.integer(2), path: fields.text(3),
      size: try fields.integer(4),
      name: fields.text(5), startWhenDone: try fields.flag(6), lines: try fields[7]?.integer(),
      seconds: try fields[8]?.integer(), layers: try fields[9]?.integer32())
  }
}
