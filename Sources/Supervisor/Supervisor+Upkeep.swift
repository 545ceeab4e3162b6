import JobStore

/// What the store needs now and then.
extension Supervisor {
  /// Writes the daily backup where it is due; asked every tick, looked at once in ten minutes.
  func backUpIfDue() async {
    let now = surroundings.clock.monotonic()
    guard nextBackupLook <= now else { return }
    nextBackupLook = now + 600_000_000_000
    do throws(StoreError) {
      if let path = try await store.backUpIfDue() { log.info("the database was copied to \(path)") }
    } catch {
      log.error("no automatic backup: \(error.sentence)")
    }
  }
}
