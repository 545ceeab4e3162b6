import APIModel
import DriverInterface
import Foundation
import Hummingbird
import HummingbirdTesting
import JobStore
import Supervisor
import Testing

@testable import HTTPAPI

/// What Prometheus scrapes, read by a parser of its own.
@Suite(.timeLimit(.minutes(1))) struct MetricsTests {
  private func scrape(_ service: Service, requests: RequestFigures = RequestFigures()) async throws
    -> ExpositionReader
  {
    let router = APIServer.router(
      supervisor: service.supervisor, version: "1.2.3",
      principals: .fixed(Principal(uid: 1234, name: "ann", role: .viewer)), door: service.door,
      requests: requests)
    return try await Application(router: router).test(.router) { client in
      let response = try await client.execute(uri: "/metrics", method: .get)
      #expect(response.status == .ok)
      #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
      return try ExpositionReader(String(buffer: response.body))
    }
  }

  @Test("A scrape tells of jobs, machines, temperatures, links, requests and the process")
  func scrape() async throws {
    try await Service.with { service in
      try await service.addMachine("ender", ",\"pool\":\"big\"")
      try await service.attached()
      let file = try await service.upload()
      _ = try await service.ask(.post, "/jobs", "{\"file\":\"\(file)\",\"machine\":\"ender\"}")
      let page = try await scrape(service)
      #expect(page.value("fabline_build_info", ["version": "1.2.3"]) == 1)
      #expect(page.value("fabline_jobs", ["state": "queued"]) == 1)
      #expect(page.value("fabline_jobs", ["state": "done"]) == 0)
      #expect(page.value("fabline_queue_wait_seconds_count") == 0)
      #expect(
        page.value("fabline_machine_info", ["machine": "ender", "class": "printer", "pool": "big"]) == 1)
      #expect(page.value("fabline_machine_phase", ["machine": "ender", "phase": "idle"]) == 1)
      #expect(page.value("fabline_machine_phase", ["machine": "ender", "phase": "noDriver"]) == 0)
      #expect(page.families["fabline_machine_phase"]?.samples.count == 14)
      #expect(page.value("fabline_heater_celsius", ["machine": "ender", "heater": "T0"]) == 21.5)
      #expect(page.value("fabline_link_lines_total", ["machine": "ender"]) == 1000)
      #expect(page.value("fabline_link_starved_seconds_total", ["machine": "ender"]) == 1.5)
      #expect(
        page.value("fabline_link_damaged_total", ["machine": "ender", "direction": "out"]) == 50)
      // Member 11: from 2.048 to 4.096 ms.
      func bucket(_ bound: String) -> Double? {
        page.value("fabline_link_round_trip_seconds_bucket", ["machine": "ender", "le": bound])
      }
      #expect(bucket("0.002048") == 0 && bucket("0.004096") == 1000 && bucket("+Inf") == 1000)
      // The fake driver says that it is process 1.
      #expect(page.value("fabline_driver_cpu_seconds_total", ["machine": "ender"]) != nil)
      #expect(page.value("process_resident_memory_bytes") ?? 0 > 1_000_000)
      #expect(page.value("process_start_time_seconds") ?? 0 > 1_600_000_000)
      #expect(page.value("process_open_fds") ?? 0 > 2)
    }
  }

  @Test("Names and kinds follow the conventions, and a histogram's classes rise to its count")
  func conventions() async throws {
    try await Service.with { service in
      try await service.addMachine()
      try await service.attached()
      let page = try await scrape(service)
      for (name, family) in page.families {
        #expect(name.hasPrefix("fabline_") || name.hasPrefix("process_"))
        #expect((family.kind == "counter") == name.hasSuffix("_total"), "\(name) is a \(family.kind)")
        #expect(family.help.hasSuffix(".") && family.help.count > 5)
        guard family.kind == "histogram" else { continue }
        let machines = Set(family.samples.map { $0.labels["machine"] })
        for machine in machines {
          let own = family.samples.filter { $0.labels["machine"] == machine }
          let buckets = own.filter { $0.name.hasSuffix("_bucket") }.map(\.value)
          #expect(buckets == buckets.sorted() && !buckets.isEmpty)
          #expect(buckets.last == own.first { $0.name.hasSuffix("_count") }?.value)
        }
      }
    }
  }

  @Test("Requests are counted by the table's templates; what no table names is one series")
  func requests() async throws {
    try await Service.with { service in
      let figures = RequestFigures()
      let router = APIServer.router(
        supervisor: service.supervisor, version: "1",
        principals: .fixed(Principal(uid: 1, name: "ann", role: .viewer)), door: service.door,
        requests: figures)
      try await Application(router: router).test(.router) { client in
        for path in ["/api/v1/jobs/1", "/api/v1/jobs/2", "/api/v1/status", "/made", "/up"] {
          _ = try await client.execute(uri: path, method: .get)
        }
        _ = try await client.execute(uri: "/up", method: .init("SECRET") ?? .get)
      }
      let page = try await scrape(service, requests: figures)
      func count(_ method: String, _ route: String, _ code: String) -> Double? {
        page.value("fabline_http_requests_total", ["method": method, "route": route, "code": code])
      }
      #expect(count("GET", "/api/v1/jobs/{id}", "404") == 2)
      #expect(count("GET", "/api/v1/status", "200") == 1)
      #expect(count("other", "none", "404") == 3)
      #expect(page.value("fabline_http_request_duration_seconds_count") == 6)
    }
  }

  @Test("A machine whose driver does not answer is told without its link")
  func absent() {
    let record = MachineRecord(
      settings: MachineRecord.Settings(name: "a\"b\\c\n", port: "/dev/null"), createdAt: 0)
    let view = MachineView(record: record, status: nil, absence: "gone")
    let page = MetricsPage(version: "1", queue: QueueFigures(), machines: [view], links: [:])
    let read = try? ExpositionReader(page.text)
    #expect(read?.value("fabline_machine_driver_up", ["machine": "a\"b\\c\n"]) == 0)
    #expect(read?.value("fabline_machine_phase", ["machine": "a\"b\\c\n", "phase": "noDriver"]) == 1)
    #expect(read?.families["fabline_link_lines_total"]?.samples.isEmpty == true)
  }

  @Test("A process's line is read although its name holds blanks and parentheses")
  func processes() throws {
    let fields = (3...52).map { "\($0)" }.joined(separator: " ")
    let sample = try #require(
      ProcessSample(stat: "42 (a) b) S \(fields.dropFirst(2))", bootedAt: 1000, ticks: 100, page: 4096))
    // Fields 14, 15, 20, 22, 23 and 24 of proc(5).
    #expect(sample.cpuSeconds == 0.29 && sample.threads == 20 && sample.startedAt == 1000.22)
    #expect(sample.virtualBytes == 23 && sample.residentBytes == 24 * 4096)
    #expect(ProcessSample(stat: "42 (a) S 1", bootedAt: 0, ticks: 100, page: 4096) == nil)
  }

  @Test("The dashboard's queries name only what is told")
  func dashboard() async throws {
    try await Service.with { service in
      try await service.addMachine()
      try await service.attached()
      let families = try await scrape(service).families
      let answer = try await service.ask(.get, "/grafana.json")
      #expect(answer.status == 200 && answer.text.contains("\"uid\":\"fabline\""))
      for curve in GrafanaDashboard.panels.flatMap(\.curves) {
        let words = curve.query.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        let names = words.filter { $0.hasPrefix("fabline_") || $0.hasPrefix("process_") }
        #expect(!names.isEmpty)
        for name in names {
          let base = name.hasSuffix("_bucket") ? String(name.dropLast("_bucket".count)) : name
          #expect(families[base] != nil, "\(name) is not told")
        }
      }
    }
  }
}
