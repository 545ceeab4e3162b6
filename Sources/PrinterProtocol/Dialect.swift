import GCode

/// A firmware's quirks as data; nothing in the session asks for a firmware's name.
///
/// Each value has its page in `firmware-notes`, with the source or recording that shows it.
public struct Dialect: Equatable, Sendable {
  /// The name a configuration knows it by.
  public var name: String
  /// The longest line the firmware takes, number and checksum included, the line feed not.
  public var longestLine = 95
  /// `:` ends a line for the firmware, so that messages must not hold one (Marlin 1.0).
  public var colonEndsLine = false
  /// M108 ends a heat wait or a wait for a person.
  public var breaksWaits = false
  /// The longest silence of a busy firmware that sends keepalives, in ns; nil where it sends none.
  public var busyInterval: Int64?
  /// How G90 and G91 bear on the extruder.
  public var extruderRule = ExtruderModeRule.setByG90
  /// `M84 S0` keeps the motors on and `M84 S120` brings the timeout back.
  public var holdsSteppers = false
  /// More than one line may be in flight; false where the answers of several cannot be told apart safely.
  public var isWindowed = false
  /// The bytes of its receive buffer where every build has the same; nil where builds differ.
  public var receiveBuffer: Int?
  /// The lines of its command queue where every build has the same; nil where builds differ.
  public var queueLines: Int?
  /// A complaint about a line is followed by an `ok` of its own.
  public var okAfterResend = true
  /// A complaint names the last line taken in words (`Last Line: 41`) besides the number to send again.
  public var complainsInWords = true
  /// The firmware counts line numbers, so that a line that it missed shows in the next one.
  public var countsLines = true
  /// `ok` is said when a line is taken into the queue, not when it is done.
  public var acknowledgesOnReceipt = false
  /// What is in the receive buffer behind a refused line is thrown away, unanswered.
  public var flushesOnError = true
  /// A repeat of a line number just taken is dropped without a word.
  public var dropsRepeats = false
  /// It says `wait` while it has nothing to do.
  public var saysWait = false
  /// The line, without number, that sets the line number to 0.
  public var numbering = "N0 M110*35"
  /// The line that brings a stopped firmware back; nil where only a reset or the power does.
  public var revival: String?
  /// What a person has to know of it when something goes wrong; empty where nothing is special.
  public var limits = ""

  /// Makes a dialect with the commonest habits.
  public init(name: String) { self.name = name }

  /// Every printer's dialect by its name; nil for others.
  public static func named(_ name: String) -> Dialect? {
    switch name {
    case "marlin": .marlin
    case "marlin1": .marlin1
    case "prusa": .prusa
    case "rrf": .rrf
    case "repetier": .repetier
    case "smoothie": .smoothie
    default: nil
    }
  }
}
