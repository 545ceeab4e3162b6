/// Putting replies together and sending them, with the faults that befall them.
extension VirtualFirmware {
  mutating func put(_ text: StaticString) {
    text.withUTF8Buffer { reply.append(contentsOf: $0) }
  }

  mutating func put(_ bytes: ArraySlice<UInt8>) {
    reply.append(contentsOf: bytes)
  }

  mutating func put(_ number: Int64) {
    if number < 0 { reply.append(UInt8(ascii: "-")) }
    appendDigits(number.magnitude, atLeast: 1, to: &reply)
  }

  /// A number with so many decimals, rounded as Arduino's `Print` does.
  mutating func put(_ number: Double, decimals: Int) {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let clamped = max(-1e12, min(1e12, number))
    let scaled = UInt64((clamped < 0 ? -clamped : clamped) * scale + 0.5)
    if clamped < 0, scaled > 0 { reply.append(UInt8(ascii: "-")) }
    let divisor = UInt64(scale)
    appendDigits(scaled / divisor, atLeast: 1, to: &reply)
    if decimals == 0 { return }
    reply.append(UInt8(ascii: "."))
    appendDigits(scaled % divisor, atLeast: decimals, to: &reply)
  }

  /// One whole line in one go.
  mutating func say(_ text: StaticString) {
    put(text)
    endLine()
  }

  /// Ends the reply and sends it; the CPU waits until the last byte is in the transmitter.
  mutating func endLine() {
    put(profile.wording.lineEnd)
    let isOk = reply.count >= 3 && reply[0] == UInt8(ascii: "o") && reply[1] == UInt8(ascii: "k")
    var leaving = DepartingReply(
      faults: faults, isOk: isOk, resend: profile.wording.resend, clock: clock, stalledUntil: nil)
    leaving.leave(reply, by: &tx, &random, &record)
    clock = leaving.clock
    if let time = leaving.stalledUntil { stalledUntil = time }
    reply.removeAll(keepingCapacity: true)
  }

  /// `ok`, with queue and planner where the build has it, and on to the next line.
  mutating func finish() {
    modes.lastCommand = clock
    if owesOk { acknowledge() }
    finishSilently()
  }

  /// The command being done still has to be answered.
  private var owesOk: Bool {
    switch profile.acknowledgement {
    // Several commands of one line share the `ok` of the last; who takes lines one by one has only those in its queue.
    case .whenDone: profile.lineRules != .repRapFirmware || queue.count < 2
    case .whenTaken: false
    case .movesFirst: !lineIsAcknowledged
    }
  }

  /// `ok N5 P14 B3` or plain `ok`.
  mutating func acknowledge() {
    put("ok")
    if profile.advancedOk {
      clock += profile.advancedOkCost
      if let number = words.lineNumber {
        put(" N")
        put(Int64(number))
      }
      put(" P")
      put(Int64(planner.free))
      put(" B")
      put(Int64(queue.slots - queue.count))
    }
    endLine()
  }

  /// Ends a command that has sent its own acknowledgement.
  mutating func finishSilently() {
    queue.removeFirst()
    activity = .idle
    work(profile.loopCost)
  }
}
