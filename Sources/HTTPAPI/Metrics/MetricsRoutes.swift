import Glibc
import Hummingbird
import JobStore
import Supervisor

/// What Prometheus scrapes, and the dashboard that shows it.
struct MetricsRoutes {
  let supervisor: Supervisor
  let version: String
  let requests: RequestFigures

  /// Adds `/metrics`, where every scraper looks first.
  func add(to router: Router<APIContext>) {
    router.get("metrics") { _, _ in
      let text = try await page().text
      return Response(
        status: .ok, headers: [.contentType: Exposition.mediaType, .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
    // Served, and not a file beside the program: so it always shows the names that this program gives.
    router.get("api/v1/grafana.json") { _, _ in try Response.json(GrafanaDashboard.document) }
  }

  private func page() async throws -> MetricsPage {
    let machines = try await supervisor.machines()
    var page = MetricsPage(
      version: version, queue: try await supervisor.store.figures(), machines: machines,
      links: await supervisor.links())
    page.isDraining = try await supervisor.store.drain() != nil
    for machine in machines {
      guard let pid = machine.status?.identity.pid, let sample = ProcessSample.of(pid) else { continue }
      page.drivers[machine.record.name] = sample
    }
    page.requests = requests.counts
    page.eventStreams = supervisor.hub.subscriberCount
    page.own = ProcessSample.of(getpid())
    page.descriptors = ProcessSample.descriptors()
    return page
  }
}
