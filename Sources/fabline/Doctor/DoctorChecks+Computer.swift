/// What the computer itself can do to a print.
extension DoctorChecks {
  static func computer(_ facts: DoctorFacts) -> [Finding] {
    [clock(facts)] + power(facts) + heat(facts) + disks(facts)
  }

  private static func clock(_ facts: DoctorFacts) -> Finding {
    // Computers without a battery begin at their image's date.
    if facts.year < 2025 {
      return .fail("clock", "it says that it is \(facts.year)", "timedatectl set-ntp true")
    }
    if facts.isClockSynchronised == false {
      return .warn(
        "clock", "nothing keeps it in step: logs and waits are off by as much", "timedatectl set-ntp true")
    }
    return .ok("clock", facts.isClockSynchronised == true ? "kept in step" : "plausible")
  }

  /// Bits of the Raspberry Pi's firmware: 0 to 3 now, 16 to 19 since the boot.
  private static func power(_ facts: DoctorFacts) -> [Finding] {
    guard let flags = facts.throttled else { return [] }
    if flags & 0x1 != 0 {
      return [.fail("power", "the supply voltage is too low now: boards restart and replies come damaged")]
    }
    if flags & 0x1_0000 != 0 {
      return [.warn("power", "the supply voltage was too low since this computer started")]
    }
    if flags & 0xE != 0 { return [.warn("power", "the processor is slowed down now, most often by heat")] }
    if flags & 0xE_0000 != 0 {
      return [.warn("power", "the processor was slowed down since this computer started, most often by heat")]
    }
    return [.ok("power", "never too low, never slowed down")]
  }

  private static func heat(_ facts: DoctorFacts) -> [Finding] {
    guard let temperature = facts.temperature else { return [] }
    let whole = Int(temperature.rounded())
    if temperature >= 80 { return [.warn("heat", "the processor is at \(whole) °C: give it air")] }
    return [.ok("heat", "the processor is at \(whole) °C")]
  }

  private static func disks(_ facts: DoctorFacts) -> [Finding] {
    facts.disks.map { disk in
      let words = "\(disk.name) has used \(disk.usedPercent) % of its life"
      switch disk.usedPercent {
      case 90...: return .fail("disk", "\(words): replace it", "fabline backup")
      case 70...: return .warn("disk", "\(words): keep another one ready", "fabline backup")
      default: return .ok("disk", words)
      }
    }
  }
}
