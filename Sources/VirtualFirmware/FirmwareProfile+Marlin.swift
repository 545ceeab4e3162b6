/// Marlin, as it was recorded.
extension FirmwareProfile {
  /// Marlin bugfix-2.1.x of 2024-10, near stock.
  public static var marlin21: FirmwareProfile {
    FirmwareProfile(
      name: "marlin21", lineRules: .marlin2, queueSlots: 4, receiveBuffer: 128, transmitBuffer: 0,
      maxCommandSize: 96, plannerBlocks: 16, emergencyParser: false, advancedOk: false, hostActions: false,
      userWaits: false,
      positionReports: false, keepaliveSeconds: 2, thermalProtection: true, sdCard: false, baud: 115_200,
      byteCost: 34_000, commandCost: 320_000, axisCost: 760_000, motionCost: 20_000,
      lookaheadCost: 470_000, stepCost: 60_000, loopCost: 20_000, advancedOkCost: 600_000,
      reportCost: 4_200_000, rejectionCost: 420_000,
      bootTime: 500_000_000,
      firstBlockDelay: 100_000_000, stepperTimeoutSeconds: 120,
      stepsPerUnit: Axes(80, 80, 400, 500), maxFeedrate: Axes(300, 300, 5, 25),
      maxAcceleration: Axes(3000, 3000, 100, 10000), hotEnd: .recordedHotEnd, bed: .slowBed)
  }

  /// The same with `EMERGENCY_PARSER`, `ADVANCED_OK`, larger buffers and host actions.
  public static var marlin21full: FirmwareProfile {
    var profile = marlin21
    profile.name = "marlin21full"
    profile.queueSlots = 16
    profile.receiveBuffer = 1024
    profile.transmitBuffer = 64
    profile.emergencyParser = true
    profile.advancedOk = true
    profile.hostActions = true
    profile.userWaits = true
    profile.positionReports = true
    return profile
  }

  /// Marlin 1.0.0 of 2015.
  public static var marlin10: FirmwareProfile {
    var profile = marlin21
    profile.name = "marlin10"
    profile.lineRules = .marlin1
    profile.rejectionCost = 0
    profile.keepaliveSeconds = 0
    profile.thermalProtection = false
    profile.firstBlockDelay = 0
    profile.stepperTimeoutSeconds = 60
    profile.reportCost = 600_000
    profile.stepsPerUnit = Axes(78.74, 78.74, 533.33, 836)
    profile.maxFeedrate = Axes(500, 500, 5, 25)
    profile.maxAcceleration = Axes(9000, 9000, 100, 10000)
    return profile
  }
}
