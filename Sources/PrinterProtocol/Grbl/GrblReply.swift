/// One line of a GRBL, read. What it means depends on what is in flight and is for `GrblSession` to say.
public enum GrblReply: Equatable, Sendable {
  /// `ok`; not clean where one bit of it was damaged.
  case ok(isClean: Bool)
  /// `error:22`; -1 where the number cannot be read.
  case error(Int32)
  /// `ALARM:3`; -1 where the number cannot be read.
  case alarm(Int32)
  /// `<Idle|…>`.
  case status(GrblStatus)
  /// `Grbl 1.1h ['$' for help]`, `GrblHAL 1.1f …`: the firmware has just reset.
  case banner(isHAL: Bool)
  /// `$32=1`.
  case setting(number: Int32, value: Double)
  /// `[GC:G0 G54 …]`; the words are in `GrblReplyParser.words`.
  case modes
  /// `[G54:0.000,0.000,0.000]` and `[G92:…]`.
  case offset(GrblOffset, GrblPoint)
  /// `[VER:…]`; the words are in `GrblReplyParser.words`.
  case version
  /// `[OPT:V,15,128]`: planner blocks and receive buffer.
  case options(blocks: Int32, buffer: Int32)
  /// `[FIRMWARE:grblHAL]`.
  case firmware
  /// `[MSG:…]`; the words are in `GrblReplyParser.words`.
  case message
  /// Readable words that are none of the above.
  case text
  /// Bytes that are no words; `couldBeAnswer` unless they look like a damaged status report.
  case garbage(couldBeAnswer: Bool)
}

/// An offset that `$#` lists.
public enum GrblOffset: UInt8, Sendable {
  /// The work coordinate systems.
  case g54 = 0
  /// The second.
  case g55 = 1
  /// The third.
  case g56 = 2
  /// The fourth.
  case g57 = 3
  /// The fifth.
  case g58 = 4
  /// The sixth.
  case g59 = 5
  /// The first stored position.
  case g28 = 6
  /// The second stored position.
  case g30 = 7
  /// The volatile shift.
  case g92 = 8
}
