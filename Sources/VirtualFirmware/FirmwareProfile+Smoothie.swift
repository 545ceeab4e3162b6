/// Smoothieware, read from Smoothieware/Smoothieware at bb41e99.
extension FirmwareProfile {
  /// Smoothieware on its UART.
  ///
  /// - `SerialConsole.cpp on_serial_char_received`: 256 bytes, what does not fit is lost; `?` and ^X act as they arrive and
  ///   are no part of a line; `on_main_loop`: one line at a time, the next when the last is done.
  /// - `GcodeDispatch.cpp on_console_line_received`: only a line that begins with `N` is numbered; `rs Nn` without `ok` for
  ///   a wrong number or checksum, a missing checksum passes; nothing is emptied; an unnumbered line is always taken and
  ///   `M110` without its `N` sets nothing; an `ok` for each command of a line, for comments and for empty lines; `G1` gets
  ///   its `ok` before it is planned; other capitals get `ok - ignored`; small letters go to the shell.
  /// - The same file: `M112` halts; `!!` to everything but a few questions until `M999`.
  /// - `TemperatureControl.cpp on_second_tick`: a heater fault halts as well.
  /// - `TemperatureControl.cpp`: `ok T:… /… @…` for `M105`, `T:… /… @…` each second while waiting; no keepalive.
  public static var smoothie: FirmwareProfile {
    var profile = marlin21.onFastController
    profile.name = "smoothie"
    profile.lineRules = .smoothie
    profile.acknowledgement = .movesFirst
    profile.queueSlots = 16
    profile.readsOneByOne = true
    profile.receiveBuffer = 256
    profile.maxCommandSize = 256
    profile.flushesOnError = false
    profile.okAfterResend = false
    profile.plannerBlocks = 33
    profile.keepaliveSeconds = 0
    profile.afterKill = .refusal
    profile.fewestSteps = 1
    profile.transmitBuffer = 0
    profile.wording = Wording(
      lineEnd: "\n", banner: ["Smoothie Running @100MHz\r"],
      identity: [
        "FIRMWARE_NAME:Smoothieware, FIRMWARE_URL:http%3A//smoothieware.org, X-SOURCE_CODE_URL:https://github.com/Smoothieware/Smoothieware, FIRMWARE_VERSION:edge-bb41e99, PROTOCOL_VERSION:1.0, X-FIRMWARE_BUILD_DATE:Jul 31 2023 15:25:57, X-SYSTEM_CLOCK:100MHz, X-AXES:5, X-GRBL_MODE:0, X-ARCS:1, X-CNC:0, X-MSD:1"
      ],
      lineNumberError: nil, checksumError: nil, noChecksumError: nil, noLineNumberError: nil,
      errorsTellLast: false, resend: "rs N", busy: "", busyHeating: "", busyUser: "",
      killed: ["ok Emergency Stop Requested - reset or M999 required to exit HALT state"], refusal: "!!")
    profile.wording.hotEndFailed =
      "ERROR: Temperature took too long to be reached on T, HALT asserted, TURN POWER OFF IMMEDIATELY - reset or M999 required"
    profile.wording.hotEndRunaway =
      "ERROR: Temperature runaway on T (delta temp -20.100000), HALT asserted, TURN POWER OFF IMMEDIATELY - reset or M999 required"
    profile.wording.bedFailed =
      "ERROR: Temperature took too long to be reached on B, HALT asserted, TURN POWER OFF IMMEDIATELY - reset or M999 required"
    profile.wording.bedRunaway =
      "ERROR: Temperature runaway on B (delta temp -20.100000), HALT asserted, TURN POWER OFF IMMEDIATELY - reset or M999 required"
    return profile
  }
}
