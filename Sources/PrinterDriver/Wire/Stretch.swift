import PrinterProtocol

/// The last stretch of the file for which the time that the machine moved is known: by it goes the pace at which it may have
/// gone on after the last anchor.
///
/// Heat-ups, dwells, pauses and times without a link stand in no line's feedrate: a pace that counts them is too small.
struct Stretch {
  /// A shorter time, in ns of movement, is no measurement: one move's end would decide it.
  private let least: Int64

  private struct Mark {
    var progress: SessionProgress
    /// For how many ns the machine had moved by then.
    var moved: Int64
  }

  private var begun: Int64 = 0
  private var heldUpBefore: Int64 = 0
  private var stood: Int64 = 0
  private var standsSince: Int64?
  private var from: Mark?
  private var last: Mark?

  /// Begins with a print; `heldUp` as in `anchor`.
  init(least: Int64 = 1_000_000_000, heldUp: Int64 = 0, now: Int64 = 0) {
    self.least = least
    begun = now
    heldUpBefore = heldUp
  }

  /// Takes in whether the machine prints on.
  mutating func note(isPrinting: Bool, now: Int64) {
    switch (isPrinting, standsSince) {
    case (false, nil): standsSince = now
    case (true, let since?):
      stood += now - since
      standsSince = nil
    case (false, _?), (true, nil): break
    }
  }

  /// Ends the stretch at an anchor: where it began and how many ns of movement ago that was; nil before one was long enough.
  ///
  /// `heldUp` says for how many ns blocking commands have held up the stream in all.
  mutating func anchor(at progress: SessionProgress, heldUp: Int64, now: Int64) -> (
    from: SessionProgress, moved: Int64
  )? {
    let standing = stood + (standsSince.map { now - $0 } ?? 0)
    let moved = now - begun - standing - (heldUp - heldUpBefore)
    // A pause's own commands are taken off twice: the pace comes out too great then, and more is in doubt.
    let mark = Mark(progress: progress, moved: max(moved, last?.moved ?? 0))
    defer { last = mark }
    if let last, last.progress.fileLine > 0, mark.moved - last.moved >= least { from = last }
    return from.map { ($0.progress, mark.moved - $0.moved) }
  }
}
