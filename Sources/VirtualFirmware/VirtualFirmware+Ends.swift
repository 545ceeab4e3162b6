/// How it ends: killed, stopped, or a wait cut short.
extension VirtualFirmware {
  /// `kill()`: the reason, the verdict, then silence until a reset.
  mutating func kill(_ display: StaticString?) {
    if let display, profile.lineRules == .marlin2 {
      put("echo:")
      put(display)
      endLine()
    }
    for text in profile.wording.killed { say(text) }
    if profile.hostActions, profile.lineRules == .marlin2 { say("//action:poweroff") }
    record.killed = true
    record.kills += 1
    switch profile.afterKill {
    case .silence:
      halt()
      isHalted = false
      life = .killed
    case .refusal: halt()
    case .restart, .restartAndWait:
      restart(now: clock)
      record.killed = true
      waitsForButton = profile.afterKill == .restartAndWait
    }
  }

  /// Everything is off and nothing planned is left.
  mutating func halt() {
    modes.position = planner.stop(at: clock)
    modes.unplanned = .zero
    hotEnd.resetController()
    bed.resetController()
    noteHeaters(now: clock)
    activity = .idle
    queue.removeAll()
    isHalted = true
  }

  /// `M410`: what is planned is thrown away and a second passes.
  mutating func quickStop() {
    modes.position = planner.stop(at: clock)
    modes.unplanned = .zero
    clock += 1_025_000_000
  }

  mutating func breakWaits() {
    switch activity {
    case .heat: finish()
    case .user(let wait): userAnswered(wait, choice: nil)
    default: break
    }
  }
}
