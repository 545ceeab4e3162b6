import APIModel
import JobStore

/// What members cannot do with their own jobs: get ahead of the others.
enum JobRule {
  /// Throws `principal.notAllowed` for a priority above 0, and above what an operator gave the job.
  static func refuse(priority: Int?, instead before: Int, _ who: Principal) throws(Problem) {
    guard who.role < .operator, let priority, priority > max(0, before) else { return }
    throw Problem.notAllowed("a priority above 0 is an operator's to give")
  }

  /// Throws `principal.notAllowed` for a change that puts the job before somebody else's.
  static func refuse(
    _ edit: JobEdit, of id: Int64, _ who: Principal, _ store: JobStore
  ) async throws {
    guard who.role < .operator else { return }
    if edit.priority != nil {
      try refuse(priority: edit.priority, instead: try await store.job(id).priority, who)
    }
    guard let before = edit.before, before > 0 else { return }
    let other = try await store.job(before)
    guard other.submitter == who.name else {
      throw Problem.notAllowed("job \(before) is \(other.submitter)'s: only an operator puts a job before it")
    }
  }
}
