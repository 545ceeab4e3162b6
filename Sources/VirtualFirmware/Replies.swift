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
    putDigits(number.magnitude, atLeast: 1)
  }

  /// A number with so many decimals, rounded as Arduino's `Print` does.
  mutating func put(_ number: Double, decimals: Int) {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let clamped = max(-1e12, min(1e12, number))
    let scaled = UInt64((clamped < 0 ? -clamped : clamped) * scale + 0.5)
    if clamped < 0, scaled > 0 { reply.append(UInt8(ascii: "-")) }
    let divisor = UInt64(scale)
    putDigits(scaled / divisor, atLeast: 1)
    if decimals == 0 { return }
    reply.append(UInt8(ascii: "."))
    putDigits(scaled % divisor, atLeast: decimals)
  }

  private mutating func putDigits(_ number: UInt64, atLeast count: Int) {
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var rest = number
    var used = 0
    repeat {
      digits[used] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
      used += 1
    } while rest > 0
    for _ in 0..<max(0, count - used) { reply.append(UInt8(ascii: "0")) }
    while used > 0 {
      used -= 1
      reply.append(digits[used])
    }
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
    if random.happens(faults.stall) {
      clock += 200_000_000 + Int64(random.below(2_800)) * 1_000_000
      stalledUntil = clock
      record.faults.stalled += 1
    }
    if isOk, random.happens(faults.loseOk) {
      record.okLost += 1
      record.faults.okLost += 1
    } else {
      transmit()
      if isOk, random.happens(faults.doubleOk) {
        record.okDoubled += 1
        record.faults.okDoubled += 1
        transmit()
      }
    }
    reply.removeAll(keepingCapacity: true)
  }

  private mutating func transmit() {
    var bytes = reply
    if faults.damageResend > 0, isResend(bytes) { damageNumber(&bytes) }
    if random.happens(faults.cut), bytes.count > 1 {
      bytes.removeLast(1 + random.below(bytes.count - 1))
      record.faults.cut += 1
      record.faults.lineEndsOut += 1
    } else if random.happens(faults.loseLineEndOut) {
      bytes.removeLast()
      record.faults.lineEndsOut += 1
    }
    if faults.flipOut > 0 || faults.loseByteOut > 0 { damage(&bytes) }
    if bytes.count > 1, random.happens(faults.split) {
      record.faults.split += 1
      let cut = 1 + random.below(bytes.count - 1)
      clock = tx.send(bytes[..<cut], at: clock)
      clock += 5_000_000 + Int64(random.below(45)) * 1_000_000
      clock = tx.send(bytes[cut...], at: clock)
    } else {
      clock = tx.send(bytes[...], at: clock)
    }
  }

  private func isResend(_ bytes: [UInt8]) -> Bool {
    bytes.prefix(profile.wording.resend.utf8CodeUnitCount).spells(profile.wording.resend)
  }

  /// `Resend: 034497` for 134497: a digit more, less, or another one.
  private mutating func damageNumber(_ bytes: inout [UInt8]) {
    guard let first = bytes.firstIndex(where: isDigit), random.happens(faults.damageResend) else { return }
    let digits = bytes[first...].prefix(while: isDigit).count
    let place = first + random.below(digits)
    let digit = UInt8(ascii: "0") + UInt8(random.below(10))
    switch random.below(3) {
    case 0: bytes.insert(digit, at: place)
    case 1 where digits > 1: bytes.remove(at: place)
    default: bytes[place] = bytes[place] == digit ? UInt8(ascii: "0") + (digit - 47) % 10 : digit
    }
    record.faults.resendsDamaged += 1
  }

  private mutating func damage(_ bytes: inout [UInt8]) {
    var index = 0
    while index < bytes.count {
      let ends = bytes[index] == 10
      if random.happens(faults.flipOut) {
        record.bytesDamaged += 1
        record.faults.flippedOut += 1
        if ends { record.faults.lineEndsOut += 1 }
        bytes[index] ^= 1 << UInt8(random.below(8))
      }
      if random.happens(faults.loseByteOut) {
        record.bytesDamaged += 1
        record.faults.lostOut += 1
        if ends { record.faults.lineEndsOut += 1 }
        bytes.remove(at: index)
      } else {
        index += 1
      }
    }
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
