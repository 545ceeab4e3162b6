import DriverInterface

/// What the drivers counted on their wires since they started.
extension MetricsPage {
  func writeLinks(to page: inout Exposition) {
    let links = links.sorted { $0.key < $1.key }
    func counter(_ name: String, _ help: String, _ value: (LinkReport) -> Double) {
      page.begin("fabline_link_\(name)_total", .counter, help)
      for (machine, report) in links { page.add(value(report), ["machine": machine]) }
    }
    counter("lines", "Lines sent, polls and resends included.") { Double($0.lines) }
    counter("sent_bytes", "Bytes sent.") { Double($0.bytesSent) }
    counter("resends", "Lines sent again.") { Double($0.resends) }
    counter("lost_oks", "Replies ok that never came.") { Double($0.lostOks) }
    counter("doubled_oks", "Replies ok that came twice.") { Double($0.doubledOks) }
    counter("overruns", "Times that the firmware's receive buffer seems to have run over.") {
      Double($0.overruns)
    }
    counter("starvations", "Times that the planner ran dry while lines waited here.") {
      Double($0.starvations)
    }
    counter("starved_seconds", "How long the planner was dry.") { Double($0.starved) * 1e-9 }
    counter("asked", "Times that an answer stayed out until it was asked for.") { Double($0.asked) }
    counter("firmware_resets", "Restarts of the firmware.") { Double($0.resets) }
    page.begin("fabline_link_damaged_total", .counter, "Lines and replies damaged on the way.")
    for (machine, report) in links {
      page.add(Double(report.damagedOut), ["machine": machine, "direction": "out"])
      page.add(Double(report.damagedIn), ["machine": machine, "direction": "in"])
    }
    page.begin("fabline_link_baud", .gauge, "The speed that the adapter granted; 0 while closed.")
    for (machine, report) in links { page.add(Double(report.baudGranted), ["machine": machine]) }
    writeRoundTrips(of: links, to: &page)
  }

  /// The driver counts by powers of two; classes below a quarter of a millisecond and above 8 s are taken together. What
  /// the round trips add up to it does not count, and nothing is made up for it.
  private func writeRoundTrips(of links: [(key: String, value: LinkReport)], to page: inout Exposition) {
    page.begin(
      "fabline_link_round_trip_seconds", .histogram, "From a line's last byte to its ok, by powers of two.")
    for (machine, report) in links where !report.roundTrips.isEmpty {
      var below = 0.0
      var classes: [(bound: Double, count: Double)] = []
      for (exponent, count) in report.roundTrips.enumerated() {
        below += Double(max(0, count))
        guard (7...22).contains(exponent) else { continue }
        classes.append((Double(UInt64(2) << UInt64(exponent)) * 1e-6, below))
      }
      page.add(atMost: classes, count: below, sum: nil, machine: machine)
    }
  }
}
