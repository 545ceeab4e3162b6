/// What GRBL's numbered errors and alarms mean, and what to do. Source: `doc/csv/error_codes_en_US.csv` and
/// `alarm_codes_en_US.csv` of GRBL 1.1, in our words.
enum GrblCodes {
  /// An `error:N`.
  static func error(_ code: Int32) -> String {
    switch code {
    case 1: "a word does not begin with a letter"
    case 2: "a number is missing or not readable"
    case 3: "this $ command is not known or not built in"
    case 4: "a negative value where none may be"
    case 5: "homing is not enabled ($22)"
    case 6: "a step pulse must be at least 3 µs"
    case 7: "the stored settings could not be read; they were set to defaults"
    case 8: "this $ command needs an idle machine"
    case 9: "the machine is locked by an alarm: home or unlock it first"
    case 10: "soft limits need homing to be enabled"
    case 11: "the line is longer than the firmware takes"
    case 12: "a step rate above what the firmware can do"
    case 13: "the safety door is open"
    case 14: "a startup line or build information is too long to be stored"
    case 15: "the jog would leave the machine's travel"
    case 16: "the jog has no = or holds a command that a jog must not hold"
    case 17: "laser mode needs a PWM output for the spindle"
    case 20: "the firmware does not know this command"
    case 21: "two commands of one group stand on one line"
    case 22: "no feedrate was given yet"
    case 23: "a command needs a whole number"
    case 24: "two commands on one line both want the axis words"
    case 25: "a word stands twice on the line"
    case 26: "a command that needs axis words has none"
    case 27: "the line number is out of range"
    case 28: "a value that the command needs is missing"
    case 29: "only G54 to G59 exist"
    case 30: "G53 needs G0 or G1"
    case 31: "axis words that no command on the line uses"
    case 32: "an arc without axis words in its plane"
    case 33: "the target of the move is not valid"
    case 34: "an arc whose radius cannot be"
    case 35: "an arc without offsets in its plane"
    case 36: "words that no command on the line uses"
    case 37: "tool length offsets work only on the configured axis"
    case 38: "the tool number is too high"
    case 60: "a file could not be mounted"
    case 61: "a file could not be opened"
    case 79: "the machine has to be homed first"
    case -1: "the code was damaged on its way"
    default: "see the firmware's documentation of its error codes"
    }
  }

  /// An `ALARM:N`.
  static func alarm(_ code: Int32) -> String {
    switch code {
    case 1: "a limit switch was hit; the position is likely lost: free the axis, reset, and home"
    case 2: "a move would have left the machine's travel; the position is kept: reset, then unlock"
    case 3: "it was reset while it moved; the position is likely lost: home again, or set zero again"
    case 4: "the probe was not in the state that probing starts from"
    case 5: "the probe did not touch anything within its travel"
    case 6: "homing failed: it was reset while homing"
    case 7: "homing failed: the safety door was opened"
    case 8: "homing failed: the switch did not open again when pulled off; is the pull-off long enough?"
    case 9: "homing failed: no switch was found within the search distance; is it wired?"
    case 10: "the firmware's emergency stop is active"
    case 11: "it has to be homed first"
    case 12: "a limit switch is closed: free the axis"
    case 13: "the motor protection tripped"
    case 14: "the spindle did not reach its speed"
    case -1: "the code was damaged on its way"
    default: "see the firmware's documentation of its alarm codes"
    }
  }

  /// Whether the firmware listens to nothing but a reset after this alarm.
  static func isDeaf(after code: Int32) -> Bool {
    switch code {
    case 1, 2, -1, 10: true
    default: false
    }
  }
}
