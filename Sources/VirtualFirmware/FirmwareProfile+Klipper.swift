/// Klipper's pseudo terminal, as it was recorded: enough for a host to know it and to decline.
extension FirmwareProfile {
  /// Klipper's G-code pseudo terminal (recordings `klipper-*`).
  public static var klipper: FirmwareProfile {
    var profile = marlin21.onFastController
    profile.name = "klipper"
    profile.lineRules = .klipper
    profile.queueSlots = 16
    profile.receiveBuffer = 4096
    profile.flowControl = true
    profile.maxCommandSize = 4096
    profile.plannerBlocks = 128
    profile.keepaliveSeconds = 0
    profile.afterKill = .refusal
    profile.fewestSteps = 1
    profile.wording.banner = ["// Klipper state: Ready"]
    profile.wording.identity = ["ok FIRMWARE_NAME:Klipper FIRMWARE_VERSION:v0.13.0-730-g84104bbbd"]
    profile.wording.killed = ["// Klipper state: Shutdown"]
    profile.wording.refusal = "!! Shutdown due to M112 command"
    return profile
  }
}
