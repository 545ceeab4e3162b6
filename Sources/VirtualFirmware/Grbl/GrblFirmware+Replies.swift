/// Putting replies together and sending them, with the faults that befall them.
extension GrblFirmware {
  mutating func put(_ text: StaticString) {
    text.withUTF8Buffer { reply.append(contentsOf: $0) }
  }

  mutating func put(_ bytes: [UInt8]) { reply.append(contentsOf: bytes) }

  mutating func put(_ number: Int64) {
    if number < 0 { reply.append(UInt8(ascii: "-")) }
    appendDigits(number.magnitude, atLeast: 1, to: &reply)
  }

  /// A number with so many decimals, halves rounded away from zero; a minus even before zeros.
  mutating func put(_ number: Double, decimals: Int) {
    let clamped = max(-4e9, min(4e9, number))
    if clamped < 0 { reply.append(UInt8(ascii: "-")) }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = UInt64(abs(clamped) * scale + 0.5)
    let divisor = UInt64(scale)
    appendDigits(scaled / divisor, atLeast: 1, to: &reply)
    if decimals == 0 { return }
    reply.append(UInt8(ascii: "."))
    appendDigits(scaled % divisor, atLeast: decimals, to: &reply)
  }

  /// A length in millimetres or inches, as `$13` has it.
  mutating func putLength(_ length: Double) {
    if memory.settings.reportsInches {
      put(length / 25.4, decimals: 4)
    } else {
      put(length, decimals: 3)
    }
  }

  mutating func put(_ place: GrblVector) {
    for axis in 0..<3 {
      if axis > 0 { put(",") }
      putLength(place[axis])
    }
  }

  /// A speed in mm/min or inch/min.
  mutating func putRate(_ rate: Double) {
    if memory.settings.reportsInches {
      put(rate / 25.4, decimals: 1)
    } else {
      put(rate, decimals: 0)
    }
  }

  /// One whole line in one go.
  mutating func say(_ text: StaticString) {
    put(text)
    endLine()
  }

  /// `ok` or the number of the error.
  mutating func answer(_ code: UInt8) {
    if code == 0 {
      say("ok")
    } else {
      put("error:")
      put(Int64(code))
      endLine()
    }
  }

  /// Ends the reply and sends it; the CPU goes on when the rest fits the transmit buffer.
  mutating func endLine() {
    reply.append(13)
    reply.append(10)
    let isOk = reply.count == 4 && reply[0] == UInt8(ascii: "o") && reply[1] == UInt8(ascii: "k")
    var leaving = DepartingReply(
      faults: faults, isOk: isOk, resend: nil, clock: clock, stalledUntil: nil)
    leaving.leave(reply, by: &tx, &random, &record)
    clock = leaving.clock
    if let time = leaving.stalledUntil { stalledUntil = time }
    reply.removeAll(keepingCapacity: true)
  }
}
