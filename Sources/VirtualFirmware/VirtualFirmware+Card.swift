/// The SD card: a list, a print that goes by with time, and its status.
extension VirtualFirmware {
  /// M20 to M30, M524; false for another code or without a card.
  mutating func executeCardM() -> Bool {
    guard profile.sdCard else { return false }
    card.advance(to: clock)
    switch words.number {
    case 20:
      say("Begin file list")
      say("BENCHY.GCO 1234567")
      say("End file list")
    case 21: say("echo:SD card ok")
    case 22: card.isOpen = false
    case 23:
      card.isOpen = true
      card.isPrinting = false
      card.position = 0
      put("echo:Now fresh file: ")
      put(line[words.arguments..<max(words.arguments, words.end)])
      endLine()
      say("File opened: BENCHY.GCO Size: 1234567")
      say("File selected")
    case 24: setCardPrinting(card.isOpen)
    case 25: setCardPrinting(false)
    case 26: card.position = Int64(max(0, min(1_234_567, value("S") ?? 0)))
    case 27: setCardReport()
    case 28: say("open failed, File: .")
    case 29: say("Done saving file.")
    case 30: say("Deletion failed, File: .")
    case 524:
      setCardPrinting(false)
      card.isOpen = false
    default: return false
    }
    finish()
    return true
  }

  private mutating func setCardPrinting(_ runs: Bool) {
    card.isPrinting = runs
    card.since = clock
    guard profile.hostActions else { return }
    if runs { say("//action:resumed") } else { say("//action:paused") }
  }

  private mutating func setCardReport() {
    if let seconds = value("S") {
      reports.cardInterval = Int64(max(0, min(60, seconds))) * 1_000_000_000
      reports.nextCardStatus = reports.cardInterval > 0 ? clock + reports.cardInterval : nil
    } else {
      sayCardStatus()
    }
  }

  mutating func sayCardStatus() {
    let wasPrinting = card.isPrinting
    card.advance(to: clock)
    if wasPrinting, !card.isPrinting {
      card.isOpen = false
      say("Done printing file")
    }
    guard card.isOpen, card.position > 0 || card.isPrinting else {
      say("Not SD printing")
      return
    }
    put("SD printing byte ")
    put(card.position)
    put("/")
    put(card.size)
    endLine()
  }
}
