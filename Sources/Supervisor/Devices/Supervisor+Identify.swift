import DriverInterface
import JobStore

// Which of several machines is this one? It says so itself.

extension Supervisor {
  /// Makes a machine beep; one whose firmware knows no beep lifts by a millimetre and comes back. What it did, for the person.
  ///
  /// Only a printer that is connected and idle, and only on a person's word given for this (`confirm`): something moves.
  public func identify(_ name: String, confirm: Bool, by: String) async throws -> String {
    let machine = try await store.machine(name)
    guard confirm else {
      throw HostError(
        code: "identify.unconfirmed",
        sentence: "\(name) would beep, or lift by 1 mm and come back: that needs a person's yes")
    }
    guard machine.settings.kind == .printer else {
      throw HostError(
        code: "machine.class",
        sentence: "\(name) is a \(machine.settings.kind.rawValue): it is not moved to find out which it is")
    }
    let at = surroundings.clock.wall()
    let done = try await alone(at: name) { keeper throws(HostError) in
      var answers: [String] = []
      for _ in 0..<3 {
        if case .lines(let lines) = try await keeper.request(
          .send(line: "M300 S880 P200"), timeout: .seconds(10))
        {
          answers += lines
        }
      }
      guard answers.contains(where: { $0.lowercased().contains("unknown command") }) else {
        return "\(name) was told to beep three times"
      }
      for length in [1.0, -1.0] {
        let lift = ManualAct.jog(x: 0, y: 0, z: length, e: 0, feedrate: 300, unhomed: true)
        _ = try await keeper.request(.act(lift), timeout: .seconds(30))
      }
      return "\(name) knows no beep: it lifted by 1 mm and came back"
    }
    note("identify: \(done)", by: by, machine: name)
    await noteAct("identify", why: done, machine: name, by: by, at: at)
    return done
  }
}
