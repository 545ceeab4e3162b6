/// How it ends: killed, stopped, or a wait cut short.
extension VirtualFirmware {
  /// `kill()`: the reason, the verdict, then silence until a reset.
  mutating func kill(_ display: StaticString?) {
    if let display {
      put("echo:")
      put(display)
      endLine()
    }
    put("Error:Printer halted. kill() called!")
    endLine()
    if profile.hostActions {
      put("//action:poweroff")
      endLine()
    }
    _ = planner.stop(at: clock)
    hotEnd.resetController()
    bed.resetController()
    noteHeaters(now: clock)
    activity = .idle
    queue.removeAll()
    record.killed = true
    record.kills += 1
    life = .killed
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
