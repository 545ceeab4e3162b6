/// The long fixed texts: banner, `M115`, `M503`.
extension VirtualFirmware {
  mutating func sayBanner() {
    if profile.wording.banner.isEmpty {
      profile.lineRules == .marlin1 ? sayBannerMarlin1() : sayBannerMarlin2()
    }
    for text in profile.wording.banner { say(text) }
  }

  private mutating func sayBannerMarlin2() {
    say("start")
    say("Marlin bugfix-2.1.x")
    say("echo: Last Updated: 2024-10-12 | Author: (none, default config)")
    say("echo: Compiled: Nov 22 2026")
    put("echo: Free Memory: ")
    put(profile.receiveBuffer > 128 ? "2840" : "5348")
    say("  PlannerBufferBytes: 1264")
    say("echo:EEPROM version mismatch (EEPROM=? Marlin=V90)")
    if profile.hostActions {
      say("//action:notification Err: EEPROM Version")
      say("//action:notification Hardcoded Default Settings Loaded")
    }
    say("echo:Hardcoded Default Settings Loaded")
    if profile.hostActions { say("//action:prompt_end") }
  }

  private mutating func sayBannerMarlin1() {
    say("start")
    say("echo:Marlin1.0.0")
    say("echo: Last Updated: Nov 22 2026 02:25:14 | Author: (none, default config)")
    say("Compiled: Nov 22 2026")
    say("echo: Free Memory: 5448  PlannerBufferBytes: 1232")
    say("echo:Hardcoded Default Settings Loaded")
    saySettings()
  }

  mutating func saySettings() {
    switch profile.lineRules {
    case .marlin2: saySettingsMarlin2()
    case .marlin1, .prusa: saySettingsMarlin1()
    case .repetier, .repRapFirmware, .smoothie, .klipper: break
    }
  }

  private mutating func saySettingsMarlin2() {
    say("echo:; Linear Units:")
    say("echo:  G21 ; (mm)")
    say("echo:; Temperature Units:")
    say("echo:  M149 C ; Units in Celsius")
    say("echo:; Filament settings (Disabled):")
    say("echo:  M200 S0 D1.75")
    say("echo:; Steps per unit:")
    say("echo:  M92 X80.00 Y80.00 Z400.00 E500.00")
    say("echo:; Max feedrates (units/s):")
    say("echo:  M203 X300.00 Y300.00 Z5.00 E25.00")
    say("echo:; Max Acceleration (units/s2):")
    say("echo:  M201 X3000.00 Y3000.00 Z100.00 E10000.00")
    say("echo:; Acceleration (units/s2) (P<print-accel> R<retract-accel> T<travel-accel>):")
    say("echo:  M204 P3000.00 R3000.00 T3000.00")
    say("echo:; Advanced (B<min_segment_time_us> S<min_feedrate> T<min_travel_feedrate> J<junc_dev>):")
    say("echo:  M205 B20000.00 S0.00 T0.00 J0.01")
    say("echo:; Home offset:")
    say("echo:  M206 X0.00 Y0.00 Z0.00")
    say("echo:; Hotend PID:")
    say("echo:  M301 P22.20 I1.08 D114.00")
  }

  private mutating func saySettingsMarlin1() {
    say("echo:Steps per unit:")
    say("echo:  M92 X78.74 Y78.74 Z533.33 E836.00")
    say("echo:Maximum feedrates (mm/s):")
    say("echo:  M203 X500.00 Y500.00 Z5.00 E25.00")
    say("echo:Maximum Acceleration (mm/s2):")
    say("echo:  M201 X9000 Y9000 Z100 E10000")
    say("echo:Acceleration: S=acceleration, T=retract acceleration")
    say("echo:  M204 S3000.00 T3000.00")
    put("echo:Advanced variables: S=Min feedrate (mm/s), T=Min travel feedrate (mm/s), B=minimum ")
    say("segment time (ms), X=maximum XY jerk (mm/s),  Z=maximum Z jerk (mm/s),  E=maximum E jerk (mm/s)")
    say("echo:  M205 S0.00 T0.00 B20000 X20.00 Z0.40 E5.00")
    say("echo:Home offset (mm):")
    say("echo:  M206 X0.00 Y0.00 Z0.00")
    say("echo:PID settings:")
    say("echo:   M301 P22.20 I1.08 D114.00")
  }

  mutating func sayFirmware() {
    for text in profile.wording.identity { say(text) }
    if !profile.wording.identity.isEmpty { return }
    if profile.lineRules == .marlin1 {
      put("FIRMWARE_NAME:Marlin V1; Sprinter/grbl mashup for gen6 ")
      put("FIRMWARE_URL:https://github.com/ErikZalm/Marlin/ PROTOCOL_VERSION:1.0 MACHINE_TYPE:Mendel ")
      say("EXTRUDER_COUNT:1 UUID:00000000-0000-0000-0000-000000000000")
      return
    }
    put("FIRMWARE_NAME:Marlin bugfix-2.1.x (Nov 22 2026 02:18:39) ")
    put("SOURCE_CODE_URL:github.com/MarlinFirmware/Marlin PROTOCOL_VERSION:1.0 MACHINE_TYPE:")
    put(profile.advancedOk ? "SimPrinterFull" : "SimPrinter")
    put(" KINEMATICS:Cartesian EXTRUDER_COUNT:1 ")
    say("UUID:cede2a2f-41a2-4748-9b12-c55c62f367ff")
    sayCapabilities()
    guard profile.hostActions else { return }
    let box: StaticString = "{min:{x:0.00,y:0.00,z:0.00},max:{x:200.00,y:200.00,z:200.00}}"
    put("area:{full:")
    put(box)
    put(",work:")
    put(box)
    say("}")
  }

  private mutating func sayCapabilities() {
    capability("SERIAL_XON_XOFF", false)
    capability("BINARY_FILE_TRANSFER", false)
    capability("EEPROM", true)
    capability("VOLUMETRIC", true)
    capability("AUTOREPORT_POS", profile.positionReports)
    capability("AUTOREPORT_TEMP", true)
    capability("PROGRESS", false)
    capability("PRINT_JOB", true)
    capability("AUTOLEVEL", false)
    capability("RUNOUT", false)
    capability("Z_PROBE", false)
    capability("LEVELING_DATA", false)
    capability("BUILD_PERCENT", false)
    capability("SOFTWARE_POWER", false)
    capability("TOGGLE_LIGHTS", false)
    capability("CASE_LIGHT_BRIGHTNESS", false)
    capability("EMERGENCY_PARSER", profile.emergencyParser)
    capability("HOST_ACTION_COMMANDS", profile.hostActions)
    capability("PROMPT_SUPPORT", profile.hostActions)
    capability("SDCARD", profile.sdCard)
    capability("REPEAT", false)
    capability("SD_WRITE", false)
    capability("AUTOREPORT_SD_STATUS", profile.sdCard)
    capability("LONG_FILENAME", false)
    capability("LFN_WRITE", false)
    capability("CUSTOM_FIRMWARE_UPLOAD", false)
    capability("EXTENDED_M20", false)
    capability("THERMAL_PROTECTION", true)
    capability("MOTION_MODES", false)
    capability("ARCS", true)
    capability("BABYSTEPPING", false)
    capability("EP_BABYSTEP", false)
    capability("CHAMBER_TEMPERATURE", false)
    capability("COOLER_TEMPERATURE", false)
    capability("MEATPACK", false)
    capability("CONFIG_EXPORT", false)
  }

  private mutating func capability(_ name: StaticString, _ present: Bool) {
    put("Cap:")
    put(name)
    say(present ? ":1" : ":0")
  }
}
