import PrinterProtocol
import VirtualFirmware

/// The judge for firmware that does not count its lines: without numbers or checksums a damaged line just runs.
extension PrintedWorld {
  func unnumbered(file: [String], ended: (end: JobEnd, fault: SessionFault?)) -> Judgement {
    let ran = log.filter { !isOwn($0) }.map { String(decoding: $0.text, as: UTF8.self) }
    let common = zip(ran, file).prefix { $0 == $1 }.count
    switch ended.end {
    case .done:
      if let fault = ended.fault { return .wrong("done with \(fault.code)") }
      if ran == file { return .intact }
      let place = "line \(common + 1) is \(common < file.count ? file[common] : "none")"
      let words =
        "\(place) and \(common < ran.count ? ran[common] : "nothing") ran; \(ran.count) of \(file.count) lines"
      return doubtful(words, isShort: ran.count < file.count)
    case .failed, .cancelled, .uncertain:
      guard let code = ended.fault?.code, !code.isEmpty else {
        return .wrong("\(ended.end) without a reason")
      }
      return .stopped(code: code)
    }
  }

  /// Something else ran than the file: could the host have known?
  private func doubtful(_ words: String, isShort: Bool) -> Judgement {
    if nothingWasDamaged { return .wrong("\(words), and nothing was damaged") }
    if grbl != nil, isShort, transcript.count(of: "error:") > 0 {
      return .wrong("\(words), and the firmware said error")
    }
    return .undetectable(.noChecksum, words)
  }

  /// Questions of the session's own, by what was sent under their number where they have one.
  private func isOwn(_ line: ExecutedLine) -> Bool {
    if let number = line.number {
      return OwnLine.isOne(transcript.texts(under: number).closest(to: line.text))
    }
    if grbl == nil { return OwnLine.isOne(line.text) }
    return line.text.first == UInt8(ascii: "$") || line.text.elementsEqual("G4P0".utf8)
      || line.text.elementsEqual("G4 P0".utf8)
  }
}
