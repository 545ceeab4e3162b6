import Hummingbird
import Synchronization

/// How many requests were answered, and how long that took.
///
/// Routes are counted by their template and only those of the route table, so that no client can make series.
final class RequestFigures: Sendable {
  /// One series.
  struct Key: Hashable, Comparable, Sendable {
    var method: String
    var route: String
    var code: Int

    static func < (left: Key, right: Key) -> Bool {
      (left.route, left.method, left.code) < (right.route, right.method, right.code)
    }
  }

  /// What was counted.
  struct Counts: Sendable {
    var requests: [Key: Int] = [:]
    /// How many took at most as long as each bound.
    var atMost = [Int](repeating: 0, count: bounds.count)
    var count = 0
    var seconds = 0.0
  }

  /// Upper ends of the classes of durations, in seconds.
  static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  private let state = Mutex(Counts())

  /// What was counted so far.
  var counts: Counts { state.withLock { $0 } }

  /// Counts one request that took `seconds` to its answer's first byte.
  func count(_ key: Key, seconds: Double) {
    state.withLock { counts in
      counts.requests[key, default: 0] += 1
      counts.count += 1
      counts.seconds += seconds
      for (index, bound) in RequestFigures.bounds.enumerated() where seconds <= bound {
        counts.atMost[index] += 1
      }
    }
  }
}

/// Counts every request with the answer that the client gets.
struct CountingMiddleware: RouterMiddleware {
  let figures: RequestFigures

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    let clock = ContinuousClock()
    let began = clock.now
    let response = try await next(request, context)
    let took = began.duration(to: clock.now).components
    figures.count(
      CountingMiddleware.key(request, context, response.status.code),
      seconds: Double(took.seconds) + Double(took.attoseconds) * 1e-18)
    return response
  }

  private static func key(_ request: Request, _ context: APIContext, _ code: Int) -> RequestFigures.Key {
    let method = request.method.rawValue
    guard let path = context.endpointPath, RouteTable.entry(method: method, path: path) != nil else {
      return .init(method: "other", route: "none", code: code)
    }
    return .init(method: method, route: path, code: code)
  }
}
