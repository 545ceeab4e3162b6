import JobStore

/// Letting what runs finish and starting nothing, for an upgrade or a shutdown that nobody has to wait for twice.
extension Supervisor {
  /// Running jobs finish and none start, or jobs start again. Lasts across restarts.
  public func drain(_ on: Bool, by: String) async throws -> Drain? {
    let before = try await store.drain()
    let drain = try await store.setDrain(on, by: by)
    guard (before == nil) != (drain == nil) else { return drain }
    note(on ? "drain: running jobs finish, none start" : "drain ended: jobs start again", by: by)
    hub.publish(
      HostEvent(
        kind: .drain, at: surroundings.clock.wall(), state: on ? "on" : "off",
        message: on ? "running jobs finish, none start, said \(by)" : "jobs start again, said \(by)"))
    changed()
    return drain
  }
}
