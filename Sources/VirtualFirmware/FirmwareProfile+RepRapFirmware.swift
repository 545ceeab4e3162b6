/// RepRapFirmware over USB, read from Duet3D/RepRapFirmware at fc1cd16 (3.5).
extension FirmwareProfile {
  /// A Duet with 3.5 on its USB port, which talks as Marlin does (`GCodes.cpp`: `Compatibility::Marlin` for USB).
  ///
  /// - `StringParser.cpp Put`, `LineFinished`: the number is noted and never compared; a `*` counts only behind a number;
  ///   one to three digits are an XOR, five a CRC-16, else it is wrong; a wrong line vanishes without any reply, so nothing
  ///   is ever asked for again; a repeat runs twice; 0x7F discards the line; comments may stand behind the checksum.
  /// - `Configuration.h MaxGCodeLength`: 255 bytes; more is an error and not executed.
  /// - `GCodes.cpp HandleReplyPreserveResult`: the answer, then `ok`, on one line for `M105`; one `ok` a line.
  /// - `GCodes.cpp CheckReportDue`: temperatures every second while a command waits, once `M105` was asked.
  /// - `GCodeInput.cpp`: 256 bytes and a USB that holds the host back: nothing overflows.
  /// - `LocalHeater.cpp RaiseHeaterFault`, `Event.cpp GetTextDescription`: the heater is off, the rest goes on.
  /// - `GCodes.cpp DoEmergencyStop`, `GCodes2.cpp HandleResult` (`stopped`): halted until `M999` or a reset.
  public static var repRapFirmware: FirmwareProfile {
    var profile = marlin21.onFastController
    profile.name = "rrf"
    profile.lineRules = .repRapFirmware
    profile.queueSlots = 8
    profile.readsOneByOne = true
    profile.receiveBuffer = 256
    profile.flowControl = true
    profile.maxCommandSize = 256
    profile.plannerBlocks = 61
    profile.keepaliveSeconds = 0
    profile.userWaits = true
    profile.afterKill = .refusal
    profile.fewestSteps = 1
    profile.stepperTimeoutSeconds = 30
    profile.wording.banner = ["RepRapFirmware for Duet 3 Mini 5+ is up and running."]
    profile.wording.identity = [
      "FIRMWARE_NAME: RepRapFirmware for Duet 3 Mini 5+ FIRMWARE_VERSION: 3.5.3 ELECTRONICS: Duet 3 Mini5plus WiFi FIRMWARE_DATE: 2024-10-23 11:28:34"
    ]
    profile.wording.killed = ["Emergency Stop! Reset the controller to continue."]
    profile.wording.refusal = ": Machine is halted"
    profile.afterHeaterFault = .heatersOff
    profile.wording.hotEndFailed =
      "Error: Heater 1 fault: temperature rising too slowly, expected 2.10°C/sec measured 0.00°C/sec"
    profile.wording.hotEndRunaway =
      "Error: Heater 1 fault: exceeded allowed temperature excursion, target 200.0°C actual 175.0°C"
    profile.wording.bedFailed =
      "Error: Heater 0 fault: temperature rising too slowly, expected 0.40°C/sec measured 0.00°C/sec"
    profile.wording.bedRunaway =
      "Error: Heater 0 fault: exceeded allowed temperature excursion, target 60.0°C actual 45.0°C"
    return profile
  }

  /// The costs of a 32-bit controller: none that a serial line would notice.
  var onFastController: FirmwareProfile {
    var profile = self
    profile.byteCost = 500
    profile.commandCost = 20_000
    profile.axisCost = 2_000
    profile.motionCost = 20_000
    profile.lookaheadCost = 5_000
    profile.stepCost = 1_000
    profile.loopCost = 10_000
    profile.reportCost = 50_000
    profile.rejectionCost = 10_000
    profile.transmitBuffer = 256
    profile.firstBlockDelay = 10_000_000
    return profile
  }
}
