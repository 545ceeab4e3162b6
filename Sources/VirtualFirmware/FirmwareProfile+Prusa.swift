/// Prusa's firmware for the MK3 family, read from prusa3d/Prusa-Firmware at 0c9bf5d (3.14).
extension FirmwareProfile {
  /// A Prusa MK3S with 3.14.
  ///
  /// - `cmdqueue.cpp get_command`: number at the start of the line only, `*` first found, `M110` excused from counting; a
  ///   checksum without a number asks for a resend too; a comment swallows its line and the next; bytes above 127 are
  ///   dropped; 95 bytes end a line; a ring of exactly 127 bytes is emptied with `Full RX Buffer`; half a line is forgotten
  ///   after 2 s with `RX timeout`; `M112` acts when its line is read; while stopped, lines are dropped without a word.
  /// - `cmdqueue.cpp cmdqueue_could_enqueue_back`: lines lie one behind the other in 388 bytes, three more each, and a
  ///   further line is taken only while a longest one would fit.
  /// - `Marlin_main.cpp FlushSerialRequestResend`: the ring is emptied, `Resend: n` and `ok` follow.
  /// - `Marlin_main.cpp kill`: says so and resets; `fw_kill_init` then waits for the button behind the banner.
  /// - `temperature.cpp temp_runaway_stop`, `Marlin_main.cpp ThermalStop`: stopped, until somebody resets it.
  /// - `Marlin_main.cpp gcode_M105`, `gcode_M114`, `wait_for_heater`, `host_keepalive` (2 s), `MSG_UNKNOWN_CODE`.
  public static var prusa: FirmwareProfile {
    var profile = marlin21
    profile.name = "prusa"
    profile.lineRules = .prusa
    profile.queueSlots = 64
    profile.queueBytes = 4 * (96 + 1)
    profile.rejectionCost = 0
    profile.resendsUnnumbered = true
    profile.emptiesFullRing = true
    profile.halfLineLimit = 2_000_000_000
    profile.afterKill = .restartAndWait
    profile.bootTime = 2_500_000_000
    profile.userWaits = true
    profile.hostActions = true
    profile.thermalProtection = true
    profile.firstBlockDelay = 0
    profile.reportCost = 900_000
    profile.stepperTimeoutSeconds = 120
    profile.stepsPerUnit = Axes(100, 100, 400, 280)
    profile.maxFeedrate = Axes(200, 200, 12, 120)
    profile.maxAcceleration = Axes(1250, 1250, 1000, 5000)
    profile.acceleration = 1250
    profile.wording.banner = [
      "start", "echo: 3.14.0-8093_0c9bf5d",
      "echo: Last Updated: Mar 28 2024 06:59:07 | Author: (none, default config)",
      "echo: Free Memory: 2093  PlannerBufferBytes: 1760", "echo:Stored settings retrieved", "adc_init",
      "echo:busy: processing",
    ]
    profile.wording.identity = [
      "FIRMWARE_NAME:Prusa-Firmware 3.14.0+8093_0c9bf5d based on Marlin FIRMWARE_URL:https://github.com/prusa3d/Prusa-Firmware PROTOCOL_VERSION:1.0 MACHINE_TYPE:Prusa i3 MK3S EXTRUDER_COUNT:1 UUID:00000000-0000-0000-0000-000000000000",
      "Cap:AUTOREPORT_TEMP:1", "Cap:AUTOREPORT_FANS:1", "Cap:AUTOREPORT_POSITION:1", "Cap:EXTENDED_M20:1",
      "Cap:PRUSA_MMU2:1",
    ]
    profile.afterHeaterFault = .stop
    profile.wording.hotEndFailed = "Error: THERMAL RUNAWAY (PREHEAT HOTEND)"
    profile.wording.hotEndRunaway = "Error: HOTEND THERMAL RUNAWAY"
    profile.wording.bedFailed = "Error: THERMAL RUNAWAY (PREHEAT HEATBED)"
    profile.wording.bedRunaway = "Error: HEATBED THERMAL RUNAWAY"
    profile.wording.faultFollows = [
      "//action:cancel", "Error:Printer stopped due to errors. Supervision required.",
    ]
    profile.wording.killed = ["Error:Printer halted. kill() called!", "M112 called. Emergency Stop."]
    return profile
  }
}
