import DriverInterface

/// When the host goes down.
extension Supervisor {
  /// How long a driver may take to park and to write its place down, in milliseconds: with what follows it stays under the 20
  /// seconds that a forced shutdown has.
  static let parkingTime: Int64 = 17_000

  /// The first thing once the process is asked to end, before the API's connections are waited for: on a host that goes down
  /// what runs is parked.
  func leave() async {
    guard !isLeaving else { return }
    isLeaving = true
    if await departure() == .hostGoesDown { await park() }
  }

  /// Parks what runs on every machine at the same time. The attempts stay open in the store: the next supervisor, after the
  /// boot, finds their places in the drivers' journals.
  func park() async {
    // What is just being handed over runs a moment later.
    for task in handOvers.values { await task.value }
    let all = keepers
    await withTaskGroup { group in
      for keeper in all.values { group.addTask { await keeper.park() } }
    }
  }
}

extension MachineKeeper {
  /// Has the running job parked and written down; the driver ends then.
  func park() async {
    isParked = true
    guard let running = status?.running else { return }
    log.notice("the host goes down: \(running.name) is parked", metadata: ["job": "\(running.job)"])
    do {
      let limit = Duration.milliseconds(Supervisor.parkingTime + 1500)
      let reply = try await request(.suspend(deadlineMs: Supervisor.parkingTime), timeout: limit)
      if case .done = reply {
        log.notice("parked, its place is on the disk", metadata: ["job": "\(running.job)"])
      }
    } catch {
      log.error("not parked: \(error.sentence)", metadata: ["job": "\(running.job)"])
    }
  }
}
