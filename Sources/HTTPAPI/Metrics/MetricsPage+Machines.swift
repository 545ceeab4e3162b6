import DriverInterface
import JobStore
import Supervisor

/// What is told of each machine. The labels are what its owner named, and words of a fixed list.
extension MetricsPage {
  /// The phases, and `noDriver`.
  private static let phases: [String] =
    (0...UInt8.max).lazy.prefix(64).compactMap { MachinePhase(rawValue: $0)?.word } + ["noDriver"]

  func writeMachines(to page: inout Exposition) {
    page.begin("fabline_machine_info", .gauge, "The machines that are configured.")
    for machine in machines {
      let settings = machine.record.settings
      page.add(
        1, ["machine": settings.name, "class": settings.kind.rawValue, "pool": settings.pool ?? ""])
    }
    page.begin("fabline_machine_phase", .gauge, "1 for the phase that the machine is in.")
    for machine in machines {
      for phase in MetricsPage.phases {
        page.add(machine.phase == phase, ["machine": machine.record.name, "phase": phase])
      }
    }
    flag(&page, "fabline_machine_driver_up", "1 while the machine's driver answers.") { $0.status != nil }
    flag(&page, "fabline_machine_enabled", "0 while a person gives it no jobs.") { $0.record.disabled == nil }
    flag(&page, "fabline_machine_ready", "1 where the next job may start.") { $0.record.mayStart }
    flag(&page, "fabline_machine_bed_clear", "1 where a person said that the bed is clear.") {
      $0.record.bed.state == .clear
    }
  }

  private func flag(
    _ page: inout Exposition, _ name: String, _ help: String, _ value: (MachineView) -> Bool
  ) {
    page.begin(name, .gauge, help)
    for machine in machines { page.add(value(machine), ["machine": machine.record.name]) }
  }

  /// A firmware names its heaters itself: of those only so many.
  func writeHeaters(to page: inout Exposition) {
    let readings = machines.flatMap { machine in
      (machine.status?.heaters ?? []).prefix(16).map { (machine.record.name, $0) }
    }
    page.begin("fabline_heater_celsius", .gauge, "Measured temperature.")
    for (machine, heater) in readings {
      page.add(heater.current, ["machine": machine, "heater": heater.name])
    }
    page.begin("fabline_heater_target_celsius", .gauge, "Temperature asked for; 0 is off.")
    for (machine, heater) in readings {
      page.add(heater.target, ["machine": machine, "heater": heater.name])
    }
  }

  func writePrints(to page: inout Exposition) {
    let prints = machines.compactMap { machine in
      machine.status?.running.map { (machine.record.name, $0) }
    }
    page.begin("fabline_print_progress_ratio", .gauge, "How much of the file is acknowledged, 0 to 1.")
    for (machine, print) in prints where print.size > 0 {
      page.add(Double(print.byteOffset) / Double(print.size), ["machine": machine])
    }
    page.begin("fabline_print_elapsed_seconds", .gauge, "Since the start, pauses included.")
    for (machine, print) in prints { page.add(Double(print.elapsed), ["machine": machine]) }
    page.begin("fabline_print_remaining_seconds", .gauge, "To the end, where it is known.")
    for (machine, print) in prints {
      if let remaining = print.remaining { page.add(Double(remaining), ["machine": machine]) }
    }
  }

  func writeDrivers(to page: inout Exposition) {
    let drivers = drivers.sorted { $0.key < $1.key }
    page.begin("fabline_driver_cpu_seconds_total", .counter, "Processor time of a machine's driver.")
    for (machine, sample) in drivers { page.add(sample.cpuSeconds, ["machine": machine]) }
    page.begin("fabline_driver_resident_memory_bytes", .gauge, "Memory of a machine's driver.")
    for (machine, sample) in drivers { page.add(sample.residentBytes, ["machine": machine]) }
    page.begin(
      "fabline_driver_start_time_seconds", .gauge, "Start of a machine's driver, seconds since 1970.")
    for (machine, sample) in drivers { page.add(sample.startedAt, ["machine": machine]) }
  }
}
