/// Fields of the link report and of a measurement.
extension LinkReport: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.text(1, port)
    writer.integer(2, baudAsked)
    writer.integer(3, baudGranted)
    writer.flag(4, isUntimed)
    writer.text(5, adapter)
    writer.integer(6, optional: latencyTimer)
    // 1 for no, 2 for yes; left out where not known.
    writer.unsigned(7, undervoltage.map { $0 ? 2 : 1 } ?? 0)
    writer.integer(8, optional: receiveBuffer)
    writer.integer(9, optional: queueLines)
    writer.integer(10, lines)
    writer.integer(11, bytesSent)
    writer.integer(12, resends)
    writer.integer(13, damagedOut)
    writer.integer(14, damagedIn)
    writer.integer(15, doubledOks)
    writer.integer(16, lostOks)
    writer.integer(17, overruns)
    writer.integer(18, starvations)
    writer.integer(19, starved)
    writer.integer(20, asked)
    writer.integer(21, resets)
    for count in roundTrips { writer.integer(22, count, always: true) }
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init()
    port = fields.text(1)
    baudAsked = try fields.integer32(2)
    baudGranted = try fields.integer32(3)
    isUntimed = try fields.flag(4)
    adapter = fields.text(5)
    latencyTimer = try fields[6]?.integer32()
    let voltage = try fields.unsigned(7)
    undervoltage = voltage == 0 ? nil : voltage == 2
    receiveBuffer = try fields[8]?.integer32()
    queueLines = try fields[9]?.integer32()
    lines = try fields.integer(10)
    bytesSent = try fields.integer(11)
    resends = try fields.integer(12)
    damagedOut = try fields.integer(13)
    damagedIn = try fields.integer(14)
    doubledOks = try fields.integer(15)
    lostOks = try fields.integer(16)
    overruns = try fields.integer(17)
    starvations = try fields.integer(18)
    starved = try fields.integer(19)
    asked = try fields.integer(20)
    resets = try fields.integer(21)
    for field in fields.all(22) { roundTrips.append(try field.integer()) }
  }
}

extension BufferMeasurement: WireRecord {
  func write(to writer: inout FieldWriter) {
    writer.integer(1, optional: receiveBuffer)
    writer.flag(2, isReceiveBufferExact)
    writer.integer(3, optional: queueLines)
    writer.flag(4, isQueueExact)
    writer.texts(5, notes)
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    self.init()
    receiveBuffer = try fields[1]?.integer32()
    isReceiveBufferExact = try fields.flag(2)
    queueLines = try fields[3]?.integer32()
    isQueueExact = try fields.flag(4)
    notes = fields.texts(5)
  }
}
