import DriverInterface
import JobStore

// How the link to a machine does, and what was measured of the firmware at its end.

/// What `measure` found, and the profile under which it is kept.
public struct Measured: Equatable, Sendable {
  /// The profile as it is stored now.
  public var profile: QuirkProfile
  /// What was done and seen, one sentence a member.
  public var notes: [String]
}

extension Supervisor {
  /// A machine's link, as its driver counted since it started.
  public func link(_ name: String) async throws -> LinkReport {
    _ = try await store.machine(name)
    guard case .link(let report) = try await keeper(name).request(.linkReport) else {
      throw HostError(
        code: "driver.malformed", sentence: "the driver of \(name) does not tell how its link does")
    }
    return report
  }

  /// The links of all machines whose drivers answer within a second, asked at the same time.
  public func links() async -> [String: LinkReport] {
    await withTaskGroup { group in
      for (name, keeper) in keepers {
        group.addTask {
          guard case .link(let report) = try? await keeper.request(.linkReport, timeout: .seconds(1)) else {
            return (name, LinkReport?.none)
          }
          return (name, report)
        }
      }
      var links: [String: LinkReport] = [:]
      for await (name, report) in group { links[name] = report }
      return links
    }
  }

  /// Measures the firmware's buffers, with the machine idle, and keeps what was found under the firmware's fingerprint. The next
  /// driver of any machine with that firmware uses it.
  public func measure(_ name: String, by: String) async throws -> Measured {
    let machine = try await store.machine(name)
    let at = surroundings.clock.wall()
    note("measure", by: by, machine: name)
    do {
      let measured = try await measure(machine, by: by, at: at)
      let found = measured.profile
      let words = [
        found.receiveBuffer.map { "receive buffer \($0) bytes" },
        found.queueLines.map { "queue \($0) lines" },
      ].compactMap { $0 }
      let why =
        words.isEmpty ? "measure: nothing could be found" : "measure: " + words.joined(separator: ", ")
      await noteAct("measure", why: why, machine: name, by: by, at: at)
      return measured
    } catch {
      let why = "measure; not done: \(Supervisor.sentence(of: error))"
      await noteAct("measure", why: why, machine: name, by: by, at: at)
      throw error
    }
  }

  private func measure(_ machine: MachineRecord, by: String, at: Int64) async throws -> Measured {
    guard let firmware = machine.firmware, let fingerprint = machine.fingerprint else {
      throw HostError(
        code: "machine.noFirmware",
        sentence: "the firmware of \(machine.name) has not said what it is: connect it first")
    }
    let reply = try await alone(at: machine.name) { keeper throws(HostError) in
      try await keeper.request(.act(.measure), timeout: .seconds(280))
    }
    guard case .measured(let found) = reply else {
      throw HostError(
        code: "driver.malformed", sentence: "the driver of \(machine.name) does not tell what it measured")
    }
    var profile = try await known(fingerprint) ?? QuirkProfile(fingerprint: fingerprint, firmware: firmware)
    if let bytes = found.receiveBuffer, (32...65_536).contains(bytes) { profile.receiveBuffer = Int(bytes) }
    if let lines = found.queueLines, (1...1024).contains(lines) { profile.queueLines = Int(lines) }
    profile.resetsOnOpen = machine.resetsLearned ?? profile.resetsOnOpen
    profile.measuredAt = at
    return Measured(profile: try await store.setProfile(profile, by: by), notes: found.notes)
  }

  private func known(_ fingerprint: String) async throws -> QuirkProfile? {
    do { return try await store.profile(fingerprint) } catch  where error.code == .profileUnknown {
      return nil
    }
  }
}
