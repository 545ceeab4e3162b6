/// Every route with who may call it. A route that is not named here is refused to everybody.
enum RouteTable {
  /// The entries of all parts.
  static let all: [RouteEntry] = own + slicers

  /// What is Fabline's own, and in its description.
  static let own: [RouteEntry] = page + system + people + files + jobs + machines + watching

  /// Finds the entry of a matched route.
  static func entry(method: String, path: String) -> RouteEntry? { index["\(method) \(path)"] }

  /// The methods that a path takes; empty where there is no such path.
  static func methods(at path: Substring) -> [String] {
    let parts = path.split(separator: "/")
    return all.filter { entry in
      var template = entry.path.split(separator: "/")
      if template.last == "**" {
        template.removeLast()
        return parts.count > template.count
          && zip(template, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
      }
      return template.count == parts.count
        && zip(template, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
    }.map(\.method)
  }

  private static let index = Dictionary(
    all.map { ("\($0.method) \($0.path)", $0) }, uniquingKeysWith: { first, _ in first })

  private static let page: [RouteEntry] = [
    .init("GET", "/", .anyone, "The web page"),
    .init("GET", "/page/{version}/**", .anyone, "A file of the web page"),
  ]

  private static let system: [RouteEntry] = [
    .init("GET", "/api/v1/openapi.json", .anyone, "This description"),
    .init("GET", "/api/v1/status", .role(.viewer), "How the supervisor is"),
    .init("POST", "/api/v1/drain", .role(.admin), "Finish what runs and start nothing, or start again"),
    .init("POST", "/api/v1/backup", .role(.admin), "Copy the database to a path on the host"),
    .init("GET", "/api/v1/events", .role(.viewer), "What happens, as server-sent events"),
    .init("GET", "/api/v1/logs", .role(.viewer), "What happened, as a list"),
    .init("GET", "/api/v1/devices", .role(.viewer), "The serial ports, and what stands in their way"),
    .init("GET", "/api/v1/profiles", .role(.viewer), "What was measured of firmwares"),
    .init("GET", "/api/v1/profiles/{fingerprint}", .role(.viewer), "What was measured of one firmware"),
    .init("PUT", "/api/v1/profiles/{fingerprint}", .role(.admin), "Import what was measured elsewhere"),
    .init("POST", "/api/v1/estop", .stop, "Emergency stop of every machine"),
  ]

  private static let people: [RouteEntry] = [
    .init("POST", "/api/v1/session", .anyone, "Sign in with a name and a password"),
    .init("GET", "/api/v1/session", .role(.viewer), "Who one is"),
    .init("DELETE", "/api/v1/session", .role(.viewer), "Sign out"),
    .init("GET", "/api/v1/users", .role(.viewer), "Who has an account"),
    .init("POST", "/api/v1/users", .role(.admin), "Add an account"),
    .init("PATCH", "/api/v1/users/{name}", .ownAccount, "Change an account, or one's own password"),
    .init("DELETE", "/api/v1/users/{name}", .role(.admin), "Remove an account with its tokens"),
    .init("GET", "/api/v1/tokens", .role(.viewer), "One's own tokens; every token, for admins"),
    .init("POST", "/api/v1/tokens", .role(.viewer), "Make a token; it is shown once"),
    .init("GET", "/api/v1/tokens/requests", .role(.viewer), "Programs that ask for a key"),
    .init("POST", "/api/v1/tokens/requests/{id}", .role(.viewer), "Grant a program's key, or refuse it"),
    .init("DELETE", "/api/v1/tokens/{id}", .ownToken, "Take a token back"),
    .init("GET", "/api/v1/audit", .role(.admin), "Who did what, and from where; newest first"),
  ]

  private static let watching: [RouteEntry] = [
    .init("GET", "/metrics", .role(.viewer), "What Prometheus scrapes"),
    .init("GET", "/api/v1/grafana.json", .role(.viewer), "A dashboard for Grafana over the metrics"),
  ]

  private static let files: [RouteEntry] = [
    .init("GET", "/api/v1/files", .role(.viewer), "The stored files"),
    .init("POST", "/api/v1/files", .role(.member), "Bring a file; the body is the G-code"),
    .init("GET", "/api/v1/files/{hash}", .role(.viewer), "One file"),
    .init("GET", "/api/v1/files/{hash}/thumbnail", .role(.viewer), "The slicer's picture of a file"),
    .init("GET", "/api/v1/files/{hash}/picture", .role(.viewer), "A picture of what a file makes, as SVG"),
    .init("GET", "/api/v1/files/{hash}/layers", .role(.viewer), "The layers of a file"),
    .init("GET", "/api/v1/files/{hash}/layers/{number}", .role(.viewer), "What one layer draws"),
    .init("DELETE", "/api/v1/files/{hash}", .role(.operator), "Remove a file that no job needs"),
  ]

  private static let jobs: [RouteEntry] = [
    .init("GET", "/api/v1/jobs", .role(.viewer), "The queue, and what became of jobs"),
    .init("POST", "/api/v1/jobs", .role(.member), "Submit a job"),
    .init("GET", "/api/v1/jobs/{id}", .role(.viewer), "One job"),
    .init("PATCH", "/api/v1/jobs/{id}", .ownJob, "Change a job, or its place in the queue"),
    .init("GET", "/api/v1/jobs/{id}/history", .role(.viewer), "Who did what with a job, and why"),
    .init("GET", "/api/v1/jobs/{id}/why", .role(.viewer), "Why a job does not start now"),
    .init("GET", "/api/v1/jobs/{id}/bounds", .role(.viewer), "A job's bounds against a machine's travel"),
    .init("POST", "/api/v1/jobs/{id}/start", .ownJob, "Start an attended job"),
    .init("POST", "/api/v1/jobs/{id}/frame", .ownJob, "Trace a job's bounds with the beam off"),
    .init("POST", "/api/v1/jobs/{id}/hold", .ownJob, "Hold a job back"),
    .init("POST", "/api/v1/jobs/{id}/release", .ownJob, "Release a held job"),
    .init("POST", "/api/v1/jobs/{id}/cancel", .ownJob, "Cancel a job safely"),
    .init("POST", "/api/v1/jobs/{id}/pause", .ownJob, "Pause a print"),
    .init("POST", "/api/v1/jobs/{id}/resume", .ownJob, "Go on with a paused print"),
    .init("POST", "/api/v1/jobs/{id}/retry", .ownJob, "Print again from the start"),
    .init("GET", "/api/v1/jobs/{id}/recovery", .role(.viewer), "The plan that goes on with a cut print"),
    .init("POST", "/api/v1/jobs/{id}/recover", .role(.operator), "Run such a plan, on a person's word"),
    .init("POST", "/api/v1/jobs/{id}/uncertain", .ownJob, "Say what became of an uncertain job"),
  ]

  private static let machines: [RouteEntry] = [
    .init("GET", "/api/v1/machines", .role(.viewer), "The machines"),
    .init("POST", "/api/v1/machines", .role(.admin), "Add a machine"),
    .init("GET", "/api/v1/machines/{name}", .role(.viewer), "One machine"),
    .init("PATCH", "/api/v1/machines/{name}", .role(.admin), "Change a machine's settings"),
    .init("PUT", "/api/v1/machines/{name}", .role(.admin), "Replace a machine's settings"),
    .init("DELETE", "/api/v1/machines/{name}", .role(.admin), "Remove a machine"),
    .init("POST", "/api/v1/machines/{name}/ready", .role(.member), "Say that the bed is clear"),
    .init("POST", "/api/v1/machines/{name}/disable", .role(.operator), "Give a machine no more jobs"),
    .init("POST", "/api/v1/machines/{name}/enable", .role(.operator), "Give a machine jobs again"),
    .init("POST", "/api/v1/machines/{name}/acts", .act, "Act on a machine by hand, or stop it"),
    .init("GET", "/api/v1/machines/{name}/recorder", .role(.viewer), "What went over the wire last"),
    .init("GET", "/api/v1/machines/{name}/camera", .role(.viewer), "What a machine's camera sees now"),
    .init("GET", "/api/v1/machines/{name}/camera/stream", .role(.viewer), "What it sees, without end"),
    .init(
      "GET", "/api/v1/machines/{name}/temperatures", .role(.viewer), "Its last 15 minutes of temperatures"),
    .init("GET", "/api/v1/machines/{name}/link", .role(.viewer), "How good the link is, and what limits it"),
    .init("GET", "/api/v1/machines/{name}/history", .role(.viewer), "Who did what with a machine, and why"),
    .init("PUT", "/api/v1/machines/{name}/wire-log", .role(.operator), "Write the wire log, or no more"),
    .init(
      "POST", "/api/v1/machines/{name}/identify", .role(.operator), "Make a machine beep or move a little"),
  ]
}
