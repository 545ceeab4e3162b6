import PrinterProtocol
import VirtualFirmware

extension PrintedWorld {
  /// Compares what was executed with the file.
  ///
  /// A numbered line is known by what went out under its number, so that a damaged line of the session's own is not taken
  /// for one of the file's.
  public func judgement(file: [String]) -> Judgement {
    if end == nil, !session.isJobRunning {
      if let fault = faults.first { return .stopped(code: fault.code) }
      return .wrong("neither an end nor a fault")
    }
    if grbl != nil || !countsLines { return unnumbered(file: file, ended: end) }
    let wanted = file.map { Array($0.utf8) }
    var executed = Executed(log, origins, transcript: transcript, wanted: wanted)
    if pausesByItself { executed.dropScripts(wanted) }
    if !nothingWasDamaged { executed.dropRepeats(in: wanted) }
    guard let ended = end else { return stopped(executed, wanted, code: "waits for a person") }
    if let doubled = executed.doubledFragment(in: file) {
      if hadUnheardOks { return .undetectable(.unansweredFragment, doubled) }
      return .wrong("\(doubled) ran as a piece and then whole, \(ended.end)")
    }
    switch ended.end {
    case .done:
      guard executed.numbered.count == wanted.count else {
        return .wrong(
          "done, but \(Self.difference(executed.numbered, wanted)); loose: \(executed.looseTexts)")
      }
      if let fault = ended.fault { return .wrong("done with \(fault.code)") }
      if let verdict = altered(executed.numbered, wanted) { return verdict }
      return executed.loose.isEmpty && executed.repeats == 0 ? .intact : .repeatedAfterFragment
    case .failed, .cancelled, .uncertain:
      guard let fault = ended.fault, !fault.code.isEmpty else {
        return .wrong("\(ended.end) without a reason")
      }
      return stopped(executed, wanted, code: fault.code)
    }
  }

  /// A print that stopped: the beginning of the file ran, then lines of the session's own, and no other.
  private func stopped(_ executed: Executed, _ wanted: [[UInt8]], code: String) -> Judgement {
    var ran = zip(executed.numbered, wanted).prefix { $0.sent == $1 }.count
    // It was stopped for a line that arrived as no command, and named it.
    // Its end, for a line that arrived as no command, waits for a person at the machine.
    if end == nil, session.phase == .cancelling,
      let odd = zip(executed.numbered, wanted).first(where: { $0.text != $1 }), transcript.quotes(odd.0.text)
    {
      return .stopped(code: code)
    }
    if code == "stream.alteredOnTheWay", let named = end?.fault?.fileLine, named > 0, named <= ran,
      executed.numbered[Int(named) - 1].text != wanted[Int(named) - 1]
    {
      ran = Int(named) - 1
      if let verdict = altered(Array(executed.numbered.prefix(ran)), wanted) { return verdict }
      return .stopped(code: code)
    }
    if let verdict = altered(Array(executed.numbered.prefix(ran)), wanted) { return verdict }
    if let stray = executed.numbered.dropFirst(ran).first(where: { $0.isPrinting && wanted.contains($0.sent) }
    ) {
      return .wrong(
        "stopped, but line \(ran + 1) never ran and \(String(decoding: stray.sent, as: UTF8.self)) did")
    }
    // An `ok` too many is seen only when the next line is refused: a stop may come before that.
    let ahead = Int(session.progress.fileLine) - ran
    if ahead > 4 + Int(record.faults.okDoubled) {
      return .wrong("stopped at \(session.progress.fileLine), but \(ran) lines ran")
    }
    return ahead > 0 ? .stoppedAhead(code: code) : .stopped(code: code)
  }

  /// Lines that ran with other words than the file's, where that is all that happened; nil where none did.
  private func altered(_ executed: [Executed.Line], _ wanted: [[UInt8]]) -> Judgement? {
    var first: Int?
    for (index, line) in executed.enumerated() where line.text != wanted[index] {
      guard line.sent == wanted[index] else {
        return .wrong(Self.difference(executed, wanted))
      }
      first = first ?? index
    }
    guard let first else { return nil }
    let text = String(decoding: executed[first].text, as: UTF8.self)
    let words = "\(String(decoding: wanted[first], as: UTF8.self)) ran as \(text)"
    if nothingWasDamaged, !hasOverrun { return .wrong("\(words), and nothing was damaged") }
    // The firmware quotes a command that it does not know: then the host was told.
    if transcript.quotes(executed[first].text) { return .wrong("\(words), and the firmware said so") }
    // Another sum than the line went out with: it ran without one.
    if takesUnchecked, executed[first].text.sum != executed[first].sent.sum {
      return .undetectable(.noChecksum, words)
    }
    let isShorter = executed[first].text.count != wanted[first].count
    return .undetectable(isShorter ? .shorterChecksumHeld : .checksumHeld, words)
  }

  /// Some answer did not reach the host as it was sent.
  private var hadUnheardOks: Bool {
    let faults = record.faults
    return faults.okLost + faults.flippedOut + faults.lostOut + faults.lineEndsOut + faults.cut > 0
      || cable.garblesReplies > 0 || cable.isPluggedInAgain
  }

  /// Nothing happened to what the host sent.
  var nothingWasDamaged: Bool {
    record.faults.nothingDamagedIn && (grbl == nil || record.bytesDamaged == 0) && cable.losesHeads == 0
      && cable.flipsOneBit == 0
  }

  private static func difference(_ executed: [Executed.Line], _ wanted: [[UInt8]]) -> String {
    for (index, pair) in zip(executed, wanted).enumerated() where pair.0.text != pair.1 {
      let text = String(decoding: pair.0.text, as: UTF8.self)
      return "line \(index + 1) is \(String(decoding: pair.1, as: UTF8.self)) and ran as \(text)"
    }
    return "\(executed.count) lines of \(wanted.count) ran"
  }
}

/// The firmware's record, sorted by whose lines they were.
struct Executed {
  struct Line {
    var text: [UInt8]
    /// What the host sent under the number.
    var sent: [UInt8]

    /// It moves and extrudes, which the session's own lines do only when they are not the file's.
    var isPrinting: Bool { sent.contains(UInt8(ascii: "E")) && sent.contains(UInt8(ascii: "X")) }
  }

  /// Lines of the file, by their numbers.
  var numbered: [Line] = []
  /// Lines without number that are not the session's own.
  var loose: [[UInt8]] = []
  /// Lines that ran twice and may.
  var repeats = 0
  /// How many numbered lines had run before each of `loose`.
  private var looseAt: [Int] = []

  init(_ log: [ExecutedLine], _ origins: [[UInt8]], transcript: Transcript, wanted: [[UInt8]]) {
    var last: Int32?
    for (line, sent) in zip(log, origins) {
      defer { last = line.number }
      if line.number == nil {
        if !OwnLine.isOne(line.text) {
          loose.append(line.text)
          looseAt.append(numbered.count)
        }
        continue
      }
      if OwnLine.isOne(sent) { continue }
      if line.number == last, let before = numbered.last, before.sent == sent, before.text != sent,
        line.text != sent
      {
        // Damage made two commands of one line.
        numbered[numbered.count - 1].text = before.text + [32] + line.text
        continue
      }
      numbered.append(Line(text: line.text, sent: sent))
    }
    dropUnknown(transcript, wanted)
  }

  /// A line that arrived as a command that the firmware does not know did nothing: where the host was told so and sent it
  /// again, only the second one ran.
  private mutating func dropUnknown(_ transcript: Transcript, _ wanted: [[UInt8]]) {
    var index = 0
    while index + 1 < numbered.count {
      let line = numbered[index]
      let isTwiceInFile = index + 1 < wanted.count && wanted[index] == wanted[index + 1]
      let isRepeated = line.sent == numbered[index + 1].sent && line.text != line.sent && !isTwiceInFile
      // Its quote may have been damaged too; what begins with no letter of a command is none.
      let isNone = !"GMT".utf8.contains(line.text.first ?? 0) || transcript.quotes(line.text)
      if isRepeated, isNone { numbered.remove(at: index) } else { index += 1 }
    }
  }

  /// What a pause and its end send besides the file: no line of it prints, and none stands where one of the file is due.
  mutating func dropScripts(_ wanted: [[UInt8]]) {
    var due = 0
    numbered.removeAll { line in
      if due < wanted.count, line.sent == wanted[due] {
        due += 1
        return false
      }
      return !line.isPrinting
    }
  }

  /// A line that may be run twice and was, because it seemed that it had not run.
  mutating func dropRepeats(in wanted: [[UInt8]]) {
    let isRelative = wanted.contains(Array("M83".utf8))
    var index = 0
    while index + 1 < numbered.count {
      let line = numbered[index + 1]
      let isDue = index + 1 < wanted.count && wanted[index + 1] == line.sent
      if !isDue, numbered[index].sent == line.sent, !(isRelative && line.isPrinting) {
        numbered.remove(at: index + 1)
        repeats += 1
      } else {
        index += 1
      }
    }
  }

  var looseTexts: [String] { loose.map { String(decoding: $0, as: UTF8.self) } }

  /// A piece that extruded relatively and was followed by the line it came from.
  func doubledFragment(in file: [String]) -> String? {
    guard file.contains("M83") else { return nil }
    let wanted = file.map { Array($0.utf8) }
    let ran = zip(numbered, wanted).prefix { $0.sent == $1 }.count
    for (text, at) in zip(loose, looseAt) where at < wanted.count && Self.extrudes(text) {
      // With a window it may come from one of the next lines; where none is like it, from the one that is due.
      let near = at..<min(at + 16, wanted.count)
      let origin = near.first { wanted[$0] == text } ?? near.first { wanted[$0].resembles(text) } ?? at
      if ran > origin { return String(decoding: text, as: UTF8.self) }
    }
    return nil
  }

  private static func extrudes(_ text: [UInt8]) -> Bool {
    guard text.starts(with: "G1 ".utf8) || text.starts(with: "G0 ".utf8) else { return false }
    guard let mark = text.lastIndex(of: UInt8(ascii: "E")), mark + 1 < text.count else { return false }
    return text[mark - 1] == 32 && text[mark + 1] >= 48 && text[mark + 1] <= 57
  }
}

extension [[UInt8]] {
  /// The one that this came from: itself, the last one that it resembles, or the one with most of its beginning and end in
  /// common; a session that greets again begins its numbers anew, and sends other lines under them.
  func closest(to text: [UInt8]) -> [UInt8] {
    if contains(text) { return text }
    if let like = last(where: { $0.resembles(text) }) { return like }
    return self.max { $0.ends(inCommonWith: text) < $1.ends(inCommonWith: text) } ?? text
  }
}

extension [UInt8] {
  /// What it adds to a line's checksum, whatever the number before it.
  fileprivate var sum: UInt8 { reduce(0, ^) }

  /// How many bytes at both ends are the same, a byte more or less at the front aside.
  fileprivate func ends(inCommonWith other: [UInt8]) -> Int {
    let heads = [dropFirst(0), dropFirst(1)].flatMap { mine in
      [other.dropFirst(0), other.dropFirst(1)].map { zip(mine, $0).prefix { $0 == $1 }.count }
    }
    return (heads.max() ?? 0) + zip(reversed(), other.reversed()).prefix { $0 == $1 }.count
  }

  /// The other is a piece of this one, or this one with a few bytes changed, perhaps with its checksum behind it.
  fileprivate func resembles(_ other: [UInt8]) -> Bool {
    if other.count == count { return zip(self, other).count { $0 != $1 } <= 3 }
    if other.count > count, other.count <= count + 4 { return zip(self, other).count { $0 != $1 } <= 3 }
    return other.count < count && (starts(with: other) || suffix(other.count).elementsEqual(other))
  }
}

extension Transcript {
  /// The host read these words in a complaint; Marlin 1.0 quotes the number too.
  func quotes(_ text: [UInt8]) -> Bool {
    let opening = Array("Unknown command: \"".utf8)
    var start = 0
    while let at = received[start...].firstIndex(of: opening[0]) {
      start = at + 1
      guard received[at...].starts(with: opening) else { continue }
      var quote = received[(at + opening.count)...]
      if quote.starts(with: text) { return true }
      guard quote.first == UInt8(ascii: "N") else { continue }
      quote = quote.dropFirst().drop { $0 >= 48 && $0 <= 57 }
      if quote.dropFirst().starts(with: text) { return true }
    }
    return false
  }
}
