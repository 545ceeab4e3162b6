import GCode

/// Takes the lines that carry a print host's address or key out of a stream of bytes in pieces of any size.
///
/// Slicers write their whole configuration into a file, and with it `; printhost_apikey = ...`: whoever may read the file
/// could act in its author's name. The line's end stays, so that line numbers are those of the file as it was sent.
struct KeyFilter {
  /// How many lines were emptied.
  private(set) var stripped = 0

  private enum State {
    /// At a line's beginning: what came of it so far waits in `pending`, since it may be a comment with a key.
    case deciding
    /// In a line that stays.
    case passing
    /// In a line that goes.
    case dropping
  }
  private var state = State.deciding
  private var pending: [UInt8] = []
  /// A key's name stands within a line's first bytes; a line that hides it behind more blanks is not a slicer's.
  private static let decisive = 256

  init() { pending.reserveCapacity(Self.decisive) }

  /// Appends to `output` what stays of `bytes`.
  mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
    var position = 0
    while position < bytes.count {
      switch state {
      case .deciding: decide(bytes, &position, &output)
      case .passing, .dropping:
        let end = Self.lineEnd(bytes, from: position)
        let stop = end < bytes.count ? end + 1 : end
        // The line's end stays also where its content goes.
        let start = state == .passing ? position : end
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<stop]))
        if end < bytes.count { state = .deciding }
        position = stop
      }
    }
  }

  /// Appends what still waits for a decision, at the end of the file.
  mutating func finish(into output: inout [UInt8]) {
    settle(&output)
    state = .deciding
  }

  private mutating func decide(
    _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ output: inout [UInt8]
  ) {
    let byte = bytes[position]
    // Most lines are commands: their first byte decides.
    if pending.isEmpty, byte != Self.semicolon, byte != Self.space, byte != Self.tab {
      state = .passing
      return
    }
    let isEnd = byte == Self.lineFeed || byte == Self.carriageReturn
    if isEnd || pending.count == Self.decisive {
      settle(&output)
      return
    }
    pending.append(byte)
    position += 1
  }

  /// Decides about the line whose beginning waits.
  private mutating func settle(_ output: inout [UInt8]) {
    if SlicerComments.isPrintHostLine(pending[...]) {
      stripped += 1
      state = .dropping
    } else {
      output.append(contentsOf: pending)
      state = .passing
    }
    pending.removeAll(keepingCapacity: true)
  }

  private static let semicolon = UInt8(ascii: ";")
  private static let space = UInt8(ascii: " ")
  private static let tab = UInt8(ascii: "\t")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private static func lineEnd(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count, bytes[index] != lineFeed, bytes[index] != carriageReturn { index &+= 1 }
    return index
  }
}
