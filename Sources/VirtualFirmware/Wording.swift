/// The words of a firmware: everything that is said to a host and does not depend on what is measured.
public struct Wording: Sendable {
  /// How each line ends.
  public var lineEnd: StaticString
  /// What is said at boot, line by line.
  public var banner: [StaticString]
  /// The answer to `M115`, line by line.
  public var identity: [StaticString]
  /// A number out of turn; nil where nothing is said.
  public var lineNumberError: StaticString?
  /// A checksum that does not fit.
  public var checksumError: StaticString?
  /// A number without a checksum.
  public var noChecksumError: StaticString?
  /// A checksum without a number.
  public var noLineNumberError: StaticString?
  /// The errors end with the number of the last line taken.
  public var errorsTellLast: Bool
  /// What stands before the number that is asked for.
  public var resend: StaticString
  /// Sign of life during a command.
  public var busy: StaticString
  /// Sign of life while heating.
  public var busyHeating: StaticString
  /// Sign of life while a person is waited for.
  public var busyUser: StaticString
  /// The last words.
  public var killed: [StaticString]
  /// The answer to a command after the end, where there is one.
  public var refusal: StaticString?
  /// The hot end does not warm up; empty where the heater is named by number, as in Marlin.
  public var hotEndFailed: StaticString = ""
  /// The hot end was warm and does not stay so.
  public var hotEndRunaway: StaticString = ""
  /// The bed does not warm up.
  public var bedFailed: StaticString = ""
  /// The bed was warm and does not stay so.
  public var bedRunaway: StaticString = ""
  /// What follows either.
  public var faultFollows: [StaticString] = []

  /// Heater faults have words of their own.
  var namesHeaters: Bool { hotEndFailed.utf8CodeUnitCount > 0 }

  /// Marlin: banner and identity depend on the build and are put together elsewhere.
  public static var marlin: Wording {
    Wording(
      lineEnd: "\n", banner: [], identity: [],
      lineNumberError: "Error:Line Number is not Last Line Number+1, Last Line: ",
      checksumError: "Error:checksum mismatch, Last Line: ",
      noChecksumError: "Error:No Checksum with line number, Last Line: ",
      noLineNumberError: "Error:No Line Number with checksum, Last Line: ", errorsTellLast: true,
      resend: "Resend: ", busy: "echo:busy: processing", busyHeating: "echo:busy: processing",
      busyUser: "echo:busy: paused for user", killed: ["Error:Printer halted. kill() called!"])
  }
}
