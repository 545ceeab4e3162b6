import PrinterProtocol
import VirtualFirmware

/// The judge for firmware that does not count its lines: without numbers or checksums a damaged line just runs.
extension PrintedWorld {
  func unnumbered(file written: [String], ended: (end: JobEnd, fault: SessionFault?)?) -> Judgement {
    let ran = zip(log, origins).filter { !isOwn($0, sent: $1) }.map { line, _ in counting(line.text) }
    let file = written.map { counting(Array($0.utf8)) }
    let common = zip(ran, file).prefix { $0 == $1 }.count
    let place = "line \(common + 1) is \(common < file.count ? file[common] : "none")"
    let words =
      "\(place) and \(common < ran.count ? ran[common] : "nothing") ran; \(ran.count) of \(file.count) lines"
    switch ended?.end {
    case .done:
      if let fault = ended?.fault { return .wrong("done with \(fault.code)") }
      return ran == file ? .intact : doubtful(words, isShort: ran.count < file.count)
    case .failed, .cancelled, .uncertain:
      guard let code = ended?.fault?.code, !code.isEmpty else {
        return .wrong("stopped without a reason")
      }
      return stopped(code, isBeginning: !goesOn(ran[common...]), words)
    case nil: return stopped("waits for a person", isBeginning: !goesOn(ran[common...]), words)
    }
  }

  /// Lines of the file are among those behind its beginning; a printer's safe ending has lines of its own, which never print.
  private func goesOn(_ rest: ArraySlice<String>) -> Bool {
    rest.contains { grbl != nil || ($0.contains("X") && $0.contains("E")) }
  }

  /// What ran before a stop is the beginning of the file, and the machine rests where that led.
  private func stopped(_ code: String, isBeginning: Bool, _ words: String) -> Judgement {
    // A damaged line just runs; what it was damaged into is what the stop may have been for.
    let wasReset = code == "firmware.reset" || grbl?.record.kills ?? 0 > 0
    if !isBeginning, nothingWasDamaged, !hasOverrun, !wasReset {
      return .wrong("stopped by \(code), but \(words)")
    }
    if let complaint = restlessness(whileWaiting: end == nil) {
      return .wrong("stopped by \(code), but \(complaint)")
    }
    return .stopped(code: code)
  }

  /// An `ok` too many let the host send more than there was room for, and nothing tells one `ok` from another. (The
  /// machine's own reset button is another case: what is on the wire meanwhile runs behind it.)
  var hasOverrun: Bool {
    let faults = record.faults
    return record.overruns > 0
      && faults.okDoubled + faults.flippedOut + faults.lostOut + faults.lineEndsOut + faults.cut > 0
  }

  /// Something else ran than the file: could the host have known?
  private func doubtful(_ words: String, isShort: Bool) -> Judgement {
    if nothingWasDamaged, !hasOverrun { return .wrong("\(words), and nothing was damaged") }
    if grbl != nil, isShort, transcript.count(of: "error:", from: receivedBeforeJob) > 0 {
      return .wrong("\(words), and the firmware said error")
    }
    return .undetectable(.noChecksum, words)
  }

  /// A line as it counts: a long one goes to a GRBL without blanks, which mean nothing to it.
  private func counting(_ text: [UInt8]) -> String {
    String(decoding: grbl == nil ? text : text.filter { $0 != 32 && $0 != 9 }, as: UTF8.self)
  }

  /// Questions of the session's own, by what was sent under their number where they have one.
  private func isOwn(_ line: ExecutedLine, sent: [UInt8]) -> Bool {
    if line.number != nil { return OwnLine.isOne(sent) }
    if grbl == nil { return OwnLine.isOne(line.text) }
    return line.text.first == UInt8(ascii: "$") || line.text.elementsEqual("G4P0".utf8)
      || line.text.elementsEqual("G4 P0".utf8)
  }
}
