import DriverInterface
import Glibc
import JobStore
import Supervisor

/// Everything that one scrape tells, gathered; what is written from it is a pure function.
struct MetricsPage {
  var version: String
  var queue: QueueFigures
  var isDraining = false
  var machines: [MachineView]
  /// The links of the machines whose drivers answered in time.
  var links: [String: LinkReport]
  /// The machines' drivers that live.
  var drivers: [String: ProcessSample] = [:]
  var requests = RequestFigures.Counts()
  var eventStreams = 0
  var own: ProcessSample?
  var descriptors: (open: Double, most: Double)?

  /// The page.
  var text: String {
    var page = Exposition()
    page.begin("fabline_build_info", .gauge, "The supervisor that answers.")
    page.add(1, ["version": version])
    writeQueue(to: &page)
    writeMachines(to: &page)
    writeHeaters(to: &page)
    writePrints(to: &page)
    writeLinks(to: &page)
    writeDrivers(to: &page)
    writeRequests(to: &page)
    writeOwn(to: &page)
    return page.text
  }

  private func writeQueue(to page: inout Exposition) {
    page.begin("fabline_jobs", .gauge, "Jobs by state.")
    for state in JobRecord.State.allCases {
      page.add(Double(queue.jobs[state] ?? 0), ["state": state.rawValue])
    }
    // Gauges: an uncertain attempt may become a known one.
    page.begin("fabline_attempts", .gauge, "Attempts at printing a copy, by what became of them.")
    for state in AttemptRecord.State.allCases {
      page.add(Double(queue.attempts[state] ?? 0), ["state": state.rawValue])
    }
    page.begin(
      "fabline_queue_wait_seconds", .histogram, "From a job's submission to its first start.")
    let waits = queue.waits
    page.add(
      atMost: zip(QueueFigures.Waits.bounds, waits.atMost).map { (Double($0), Double($1)) },
      count: Double(waits.count), sum: waits.sum)
    page.begin("fabline_draining", .gauge, "1 while running jobs finish and none start.")
    page.add(isDraining)
  }

  private func writeRequests(to page: inout Exposition) {
    page.begin("fabline_http_requests_total", .counter, "Requests by route, method and status.")
    for (key, count) in requests.requests.sorted(by: { $0.key < $1.key }) {
      page.add(Double(count), ["method": key.method, "route": key.route, "code": "\(key.code)"])
    }
    page.begin(
      "fabline_http_request_duration_seconds", .histogram, "From a request's head to its answer's head.")
    page.add(
      atMost: zip(RequestFigures.bounds, requests.atMost).map { ($0, Double($1)) },
      count: Double(requests.count), sum: requests.seconds)
    page.single(
      "fabline_event_streams", .gauge, "Clients that follow the events now.", Double(eventStreams))
  }

  /// By the names that Prometheus' own libraries give them.
  private func writeOwn(to page: inout Exposition) {
    if let own {
      page.single("process_cpu_seconds_total", .counter, "Processor time used.", own.cpuSeconds)
      page.single("process_resident_memory_bytes", .gauge, "Memory in use.", own.residentBytes)
      page.single("process_virtual_memory_bytes", .gauge, "Address space in use.", own.virtualBytes)
      page.single("process_start_time_seconds", .gauge, "Start, seconds since 1970.", own.startedAt)
      page.single("process_threads", .gauge, "Threads.", own.threads)
    }
    if let descriptors {
      page.single("process_open_fds", .gauge, "Open file descriptors.", descriptors.open)
      page.single("process_max_fds", .gauge, "File descriptors that may be open.", descriptors.most)
    }
  }
}
