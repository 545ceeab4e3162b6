/// Putting replies together and sending them, with the faults that befall them.
extension GrblFirmware {
  mutating func put(_ text: StaticString) {
    text.withUTF8Buffer { reply.append(contentsOf: $0) }
  }

  mutating func put(_ bytes: [UInt8]) { reply.append(contentsOf: bytes) }

  mutating func put(_ number: Int64) {
    if number < 0 { reply.append(UInt8(ascii: "-")) }
    putDigits(number.magnitude, atLeast: 1)
  }

  /// A number with so many decimals, halves rounded away from zero; a minus even before zeros.
  mutating func put(_ number: Double, decimals: Int) {
    let clamped = max(-4e9, min(4e9, number))
    if clamped < 0 { reply.append(UInt8(ascii: "-")) }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = UInt64(abs(clamped) * scale + 0.5)
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
}
