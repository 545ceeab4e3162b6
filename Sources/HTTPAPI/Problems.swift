import APIModel
import Camera
import DriverInterface
import Hummingbird
import JobStore
import Supervisor

extension Problem {
  /// A request that cannot be read.
  static func request(_ detail: String) -> Problem {
    Problem(code: "request.invalid", title: "the request cannot be read", status: 400, detail: detail)
  }

  /// A body larger than the route takes.
  static let tooLarge = Problem(
    code: "request.tooLarge", title: "the request is too large", status: 413,
    detail: "the body is larger than this host takes (limits in its configuration)")

  /// Nobody knows who is at the other end.
  static let unknownPrincipal = Problem(
    code: "principal.unknown", title: "not allowed", status: 403,
    detail: "nobody knows who is at the other end: the API is served on a Unix socket only")

  /// No route has this path and method.
  static func unknownRoute(_ request: Request) -> Problem {
    Problem(
      code: "request.noRoute", title: "no such resource", status: 404,
      detail: "\(request.method.rawValue) \(LogRecord.escaped(request.uri.path)) does not exist here")
  }

  /// The path is there, and does not take this method.
  static func otherMethod(_ request: Request, _ allowed: [String]) -> Problem {
    Problem(
      code: "request.method", title: "no such method", status: 405,
      detail:
        "\(LogRecord.escaped(request.uri.path)) takes \(allowed.joined(separator: ", ")), not \(LogRecord.escaped(request.method.rawValue))"
    )
  }

  /// A stable code with a sentence, as JobStore, Supervisor and the drivers give them.
  init(code: String, sentence: String) {
    let status = Problem.status(of: code)
    self.init(code: code, title: Problem.title(of: status), status: status, detail: sentence)
  }

  /// Any error as a problem; what nothing here expects is an error of ours, and its text stays in the log.
  init(_ error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case let later as TryLater: self = later.problem
    case let error as StoreError: self.init(code: error.code.rawValue, sentence: error.sentence)
    case let error as HostError: self.init(code: error.code, sentence: error.sentence)
    case let error as CameraError: self.init(code: error.code, sentence: error.sentence)
    case let fault as Fault: self.init(code: fault.code, sentence: fault.sentence)
    case let error as any HTTPResponseError where error.status.code == 413: self = .tooLarge
    case let error as HTTPError where (400..<500).contains(error.status.code):
      self = Problem(
        code: "request.invalid", title: Problem.title(of: error.status.code), status: error.status.code,
        detail: error.body ?? error.status.reasonPhrase)
    default:
      self.init(
        code: "internal", title: Problem.title(of: 500), status: 500,
        detail: "an error of ours; `fabline logs --level error` has more")
    }
  }

  /// The status that tells a client what kind of refusal it is.
  static func status(of code: String) -> Int {
    if let status = exceptions[code] { return status }
    if code.hasSuffix(".unknown") || code.hasSuffix("Unknown") { return 404 }
    let family = code.prefix { $0 != "." }
    return families[String(family)] ?? 409
  }

  private static let exceptions: [String: Int] = [
    "store.full": 507, "store.failed": 500, "store.backupFailed": 409, "file.diskFull": 507,
    "file.tooLarge": 413, "file.io": 500,
    "file.inUse": 409, "file.missing": 409, "file.changed": 409, "file.incomplete": 400, "job.invalid": 422,
    "job.noTarget": 422, "job.keyReused": 422,
    "request.keyReused": 422, "request.doubtful": 409, "machine.invalid": 422, "machine.class": 422,
    "profile.invalid": 422,
    "account.invalid": 422, "account.busy": 503, "token.invalid": 422,
    "machine.noDriver": 503, "driver.noAnswer": 504, "page.missing": 503, "page.unreadable": 503,
    "camera.silent": 504, "camera.busy": 503,
  ]

  private static let families: [String: Int] = [
    "file": 422, "job": 409, "attempt": 409, "machine": 409, "bed": 409, "driver": 503, "folder": 500,
    "store": 500, "request": 400, "principal": 403, "port": 503, "link": 503,
    "profile": 409, "laser": 409, "recovery": 409, "identify": 409, "account": 409, "token": 409,
    "camera": 502,
  ]

  private static func title(of status: Int) -> String {
    switch status {
    case 400: "the request cannot be read"
    case 401: "not signed in"
    case 403: "not allowed"
    case 404: "no such thing"
    case 409: "not now"
    case 413: "the request is too large"
    case 422: "the request cannot be carried out"
    case 502: "no use in what came"
    case 503: "not reachable"
    case 504: "no answer in time"
    case 507: "no room left"
    default: status < 500 ? "refused" : "an error of ours"
    }
  }
}

/// Turns every error into a problem document (RFC 9457), and logs those that are ours.
struct ProblemMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      var problem = Problem(error)
      var allowed: [String] = []
      if problem.status == 404, error is HTTPError {
        allowed = RouteTable.methods(at: request.uri.path[...])
        problem = allowed.isEmpty ? .unknownRoute(request) : .otherMethod(request, allowed)
      }
      // A camera is no part of ours, and is asked every few seconds.
      if problem.status >= 500, !(error is CameraError) {
        context.logger.error("\(request.method.rawValue) \(request.uri.path): \(error)")
      } else {
        context.logger.debug("\(request.method.rawValue) \(request.uri.path): \(problem.code)")
      }
      var response =
        try SlicerRefusal.response(problem, endpoint: context.endpointPath)
        ?? Response.json(
          problem, status: HTTPResponse.Status(code: problem.status), contentType: "application/problem+json")
      if !allowed.isEmpty { response.headers[.allow] = allowed.joined(separator: ", ") }
      if let later = error as? TryLater { response.headers[.retryAfter] = "\(later.seconds)" }
      if problem.status == 401 { response.headers[.wwwAuthenticate] = "Bearer realm=\"fabline\"" }
      return response
    }
  }
}
