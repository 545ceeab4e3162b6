import APIModel
import Hummingbird
import JobStore
import Logging
import Synchronization

/// Writes the audit log. What must not wait for the disk is noted and written when its turn comes.
final class AuditTrail: Sendable {
  private let store: JobStore
  private let last = Mutex<Task<Void, Never>?>(nil)
  private let log = Logger(label: "audit")

  init(store: JobStore) { self.store = store }

  /// Writes a row; that it cannot be written does not undo what was done.
  func write(_ record: AuditRecord) async {
    do { try await store.appendAudit([record]) } catch {
      log.error("the audit log has no row of \(record.what) by \(record.actor.name): \(error)")
    }
  }

  /// Writes a row in its turn; nobody waits for it.
  func note(_ record: AuditRecord) {
    last.withLock { last in
      last = Task { [last] in
        await last?.value
        await write(record)
      }
    }
  }

  /// Waits until all that was noted so far is written.
  func settled() async { await last.withLock { $0 }?.value }
}

/// What a route adds to the row of its request in the audit log.
final class AuditRemark: Sendable {
  private let words = Mutex<String?>(nil)
  private let stop = Mutex(false)

  /// What exactly is asked for.
  func say(_ text: String) { words.withLock { $0 = text } }

  var text: String? { words.withLock { $0 } }

  /// The request is an emergency stop.
  func sayStop() { stop.withLock { $0 = true } }

  var isStop: Bool { stop.withLock { $0 } }
}

/// Tells the audit log of every write, and of every request that was not allowed.
///
/// Changes of accounts and tokens, and sign-ins, have rows of their own, in the transaction that makes them: here come only their
/// refusals. Whoever is not signed in and is told so leaves no row: that is what scanners of a network get all day.
struct AuditMiddleware: RouterMiddleware {
  let door: Doorkeeper

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    guard let path = context.endpointPath else { return try await next(request, context) }
    let isWrite = ![.get, .head, .options].contains(request.method)
    func record(_ outcome: AuditRecord.Outcome, _ detail: String?) -> AuditRecord {
      AuditRecord(
        at: door.store.now(), actor: context.principal.audited(from: context.address),
        what: "\(request.method.rawValue) \(path)", target: target(context), outcome: outcome, detail: detail)
    }
    let response: Response
    do { response = try await next(request, context) } catch {
      let problem = Problem(error)
      let isRefusal = problem.status == 403
      // A wrong password has its row already.
      if context.principal.isSignedIn, isWrite || isRefusal, !problem.code.hasPrefix("session.") {
        let words = [context.audit.text, problem.code].compactMap { $0 }.joined(separator: ": ")
        door.trail.note(record(problem.status < 500 ? .refused : .failed, words))
      }
      throw error
    }
    guard isWrite, !["session", "users", "tokens"].contains(where: { path.hasPrefix("/api/v1/" + $0) }) else {
      return response
    }
    let row = record(response.status.code < 400 ? .done : .refused, context.audit.text)
    // An emergency stop is answered whatever the disk does.
    if context.audit.isStop { door.trail.note(row) } else { await door.trail.write(row) }
    return response
  }

  private func target(_ context: APIContext) -> String? {
    let parts = ["id", "name", "hash", "fingerprint"].compactMap { context.parameters.get($0) }
    return parts.first.map { $0.removingPercentEncoding ?? $0 }
  }
}
