/// Repetier-Firmware, read from repetier/Repetier-Firmware at 7cb3741 (1.0.4).
extension FirmwareProfile {
  /// Repetier 1.0.4 on an AVR with its stock configuration.
  ///
  /// - `gcode.cpp checkAndPushCommand`: `ok n` when the line is taken, before it runs; the number compared modulo 65536; a
  ///   number among the last 40 gets `skip n` and `ok`; after a resend 14 further lines out of turn too; `M110` at once.
  /// - `gcode.cpp parseAscii`: letters in either case anywhere, the last `N` counts; the checksum of a line with free text
  ///   (`M117`…) is cut off unseen; a line without a checksum is taken.
  /// - `gcode.cpp requestResend`: an empty line, `Resend:n`, `ok`. With `EMERGENCY_PARSER` what was received lies in a
  ///   second buffer of 128 bytes that is not emptied.
  /// - `gcode.cpp readFromSerial`: half a line, or the answer to a resend, that does not come for 200 ms is asked for again;
  ///   `wait` every second when idle; 96 bytes without a line end ask for a resend.
  /// - `gcode.cpp keepAlive`: `busy:processing`, `busy:heating`. `Commands.cpp emergencyStop` with `KILL_METHOD 1`: a reset.
  /// - `gcode.cpp fatalError`, `reportFatalError`: `fatal:…`, and so for each line until `M999`.
  /// - `Configuration.h`: 250000 baud, one command buffered, 24 moves. Every line ends with CR LF (`Communication.h println`).
  public static var repetier: FirmwareProfile {
    var profile = marlin21
    profile.name = "repetier"
    profile.lineRules = .repetier
    profile.acknowledgement = .whenTaken
    profile.numberedOk = true
    profile.queueSlots = 1
    profile.receiveBuffer = 256
    profile.flushesOnError = false
    profile.emergencyParser = true
    profile.staleLines = 14
    profile.waitSeconds = 1
    profile.halfLineLimit = 200_000_000
    profile.maxCommandSize = 97
    profile.plannerBlocks = 25
    profile.baud = 250_000
    profile.byteCost = 12_000
    profile.axisCost = 250_000
    profile.lookaheadCost = 150_000
    profile.stepCost = 25_000
    profile.rejectionCost = 0
    profile.reportCost = 900_000
    profile.firstBlockDelay = 0
    profile.afterKill = .restart
    profile.fewestSteps = 1
    profile.stepperTimeoutSeconds = 360
    profile.wording = Wording(
      lineEnd: "\r\n", banner: ["start", "Info:External Reset"],
      identity: [
        "FIRMWARE_NAME:Repetier_1.0.4 COMPILED:Nov 22 2026 FIRMWARE_URL:https://github.com/repetier/Repetier-Firmware/ PROTOCOL_VERSION:1.0 MACHINE_TYPE:Mendel EXTRUDER_COUNT:1 REPETIER_PROTOCOL:3",
        "Cap:PROGRESS:0", "Cap:AUTOREPORT_TEMP:1", "Cap:HOST_RESCUE:1", "Cap:EEPROM:1", "Cap:AUTOLEVEL:0",
        "Cap:Z_PROBE:0", "Cap:SOFTWARE_POWER:0", "Cap:TOGGLE_LIGHTS:0", "Cap:PAUSESTOP:1", "Cap:PREHEAT:1",
        "Cap:EMERGENCY_PARSER:1", "Printed filament:0.00m Printing time:0 days 0 hours 0 min",
        "PrinterMode:FFF",
      ],
      lineNumberError: "Error:expected line ", checksumError: "Error:Wrong checksum",
      noChecksumError: nil, noLineNumberError: nil, errorsTellLast: false,
      resend: "Resend:", busy: "busy:processing", busyHeating: "busy:heating",
      busyUser: "busy:paused for user interaction", killed: [])
    profile.afterHeaterFault = .fatal
    profile.wording.hotEndFailed = "fatal:Heater decoupled during rising"
    profile.wording.hotEndRunaway = "fatal:Heater decoupled during hold"
    profile.wording.bedFailed = "fatal:Heater decoupled during rising"
    profile.wording.bedRunaway = "fatal:Heater decoupled during hold"
    return profile
  }
}
