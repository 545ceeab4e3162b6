/// What the cable does to bytes under way, beyond the faults that the firmware plays to itself.
public struct LinkFaults: Sendable, Equatable {
  /// Chance for a write to lose its first bytes: what makes a line run without its number.
  public var losesHeads = 0.0
  /// Chance for what is read at once to be damaged from somewhere on, or lost.
  public var garblesReplies = 0.0
  /// Chance for each line to the firmware that exactly one bit of it flips, its line end left whole.
  public var flipsOneBit = 0.0
  /// The one `ok` that gets lost, counted from the first after the job's start.
  public var losesOk: Int?
  /// No fault: the time from this `ok` to the next is taken, for a twin of a print that loses it.
  public var marksOk: Int?
  /// The one line of the job whose line end is damaged.
  public var damagesLineEnd: Int?

  /// A pulled cable comes back after the time that the fault says, and the host opens the port again.
  public var isPluggedInAgain = false
  /// The board was without power meanwhile, or resets when the port is opened.
  public var resetsWhenPluggedIn = false

  /// Nothing goes wrong.
  public init() {}

  /// Flips one bit in some of the lines; their line feeds stay, and no new one is made.
  func flipOneBit(in bytes: inout [UInt8], using random: inout SplitMix) {
    var start = 0
    while let end = bytes[start...].firstIndex(of: 10) {
      if end > start, random.happens(flipsOneBit) {
        let index = Int.random(in: start..<end, using: &random)
        let flipped = bytes[index] ^ (1 << UInt8.random(in: 0..<8, using: &random))
        if flipped != 10, flipped != 13 { bytes[index] = flipped }
      }
      start = end + 1
    }
  }

  /// Takes the first bytes off a write.
  func withoutHead(_ bytes: [UInt8], using random: inout SplitMix) -> [UInt8] {
    random.happens(losesHeads) ? Array(bytes.dropFirst(Int.random(in: 1...6, using: &random))) : bytes
  }

  /// Damages what is read, from somewhere on.
  func garbled(_ bytes: [UInt8], using random: inout SplitMix) -> [UInt8] {
    guard random.happens(garblesReplies) else { return bytes }
    let start = Int.random(in: 0..<max(1, bytes.count), using: &random)
    if Bool.random(using: &random) { return Array(bytes[..<start]) }
    return bytes.enumerated().map {
      $0.offset < start ? $0.element : UInt8.random(in: 0...255, using: &random)
    }
  }
}
