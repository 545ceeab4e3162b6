extension JobNeeds {
  /// What of this file does not fit `machine`, accepted mismatches left out; empty where it fits. What either side does not
  /// say is not compared. Depends on settings and loaded material only, never on what the machine does now.
  public func mismatches(with machine: MachineFacts) -> [Obstacle] {
    var found: [Obstacle] = []
    let toolsUsed = max(materials.count, nozzles.count)
    if toolsUsed > machine.tools.count {
      found.append(.tools(wanted: toolsUsed, there: machine.tools.count))
    }
    found += materialMismatches(machine.tools) + nozzleMismatches(machine.tools)
    found += sizeMismatches(machine.volume)
    if let wanted = model, let there = machine.model, Self.plain(wanted) != Self.plain(there) {
      found.append(.model(wanted: wanted, there: there))
    }
    if let wanted = toolTemperature, wanted > machine.maxTool {
      found.append(.temperature(heater: "hot end", wanted: wanted, limit: machine.maxTool))
    }
    if let wanted = bedTemperature, wanted > machine.maxBed {
      found.append(.temperature(heater: "bed", wanted: wanted, limit: machine.maxBed))
    }
    return found.filter { !($0.isAcceptable && accepted.contains($0.code)) }
  }

  private func materialMismatches(_ tools: [MachineRecord.Tool]) -> [Obstacle] {
    zip(materials, tools).enumerated().compactMap { number, pair in
      guard let wanted = pair.0, let loaded = pair.1.material, Self.plain(wanted) != Self.plain(loaded)
      else { return nil }
      return .material(wanted: wanted, loaded: loaded, tool: number)
    }
  }

  private func nozzleMismatches(_ tools: [MachineRecord.Tool]) -> [Obstacle] {
    zip(nozzles, tools).enumerated().compactMap { number, pair in
      guard let wanted = pair.0, let mounted = pair.1.nozzle, abs(wanted - mounted) > 0.005 else {
        return nil
      }
      return .nozzle(wanted: wanted, mounted: mounted, tool: number)
    }
  }

  /// Extents, not coordinates, so that an origin in a corner and one in the middle are treated alike.
  private func sizeMismatches(_ volume: [Double]) -> [Obstacle] {
    zip(["X", "Y", "Z"], zip(extents, volume)).compactMap { axis, pair in
      pair.0 > pair.1 + 0.01 ? .size(axis: axis, wanted: pair.0, there: pair.1) : nil
    }
  }

  /// A name as people mean it: `Original Prusa MK3S` and `original-prusa mk3s` are one, `PLA` and `pla` too.
  static func plain(_ name: String) -> String {
    name.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "+" }
  }
}

extension MachineFacts {
  /// What is missing where a person has to press start for this job, on this machine (safety.md rule 8).
  func unattended(for job: Int64, at now: Int64) -> [Obstacle] {
    guard kind != .printer, attendance?.covers(job, at: now) != true else { return [] }
    return [.unattended(kind, job: job)]
  }

  /// What of this machine keeps any job from starting now, in the order in which a person would deal with it.
  var obstaclesToAnyStart: [Obstacle] {
    var found: [Obstacle] = []
    // While a job runs its part lies on the bed of course: one reason is enough.
    if bed.state != .clear, running == nil { found.append(.bed(bed.state, job: bed.job, reason: bed.reason)) }
    if let disabled { found.append(.disabled(disabled)) }
    if case .away(let words) = activity { found.append(.disconnected(words)) }
    if !ready { found.append(.notReady) }
    if let running {
      found.append(.busy(job: running, "prints"))
    } else if let staged {
      found.append(.busy(job: staged, "has staged"))
    } else if case .occupied(let words) = activity {
      found.append(.busy(job: nil, words))
    }
    return found
  }
}
