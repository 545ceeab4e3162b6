import APIModel
import Hummingbird
import JobStore
import Supervisor

/// What all dialects share: the file is taken in whole, then, if asked, becomes a job. Nothing is made of half a request.
struct SlicerUpload {
  let supervisor: Supervisor

  /// A file that came, and the job that was made of it.
  struct Result {
    var file: FileRecord
    var job: JobRecord?
  }

  /// A file in a form, with its words beside it: `print`, `path`, `select`, `root`, `checksum`.
  func form(_ request: Request, _ context: APIContext, checksums: Bool = false) async throws -> Result {
    let target = try SlicerTarget(context)
    _ = try await target.machines(supervisor)
    let limit = try room(request, context)
    let file = try FormFile(request, limit: limit, checksums: checksums)
    let words = file.words
    let intake: FileIntake
    do {
      intake = try await supervisor.takeIn(
        file, name: words.filename, by: context.principal.name, expected: nil)
    } catch {
      throw words.refusal ?? error
    }
    guard words.isYes("print") else { return Result(file: intake.file) }
    return Result(file: intake.file, job: try await submit(intake.file, to: target, context))
  }

  /// A file that is the body, named by the path.
  func body(_ request: Request, _ context: APIContext, name: String, prints: Bool) async throws -> Result {
    let target = try SlicerTarget(context)
    _ = try await target.machines(supervisor)
    let limit = try room(request, context)
    let intake = try await supervisor.takeIn(
      BoundedUpload(body: request.body, limit: limit), name: name, by: context.principal.name,
      expected: length(request))
    guard prints else { return Result(file: intake.file) }
    return Result(file: intake.file, job: try await submit(intake.file, to: target, context))
  }

  private func length(_ request: Request) -> Int64? {
    request.headers[.contentLength].flatMap { Int64($0) }
  }

  /// How many bytes a body may have. Throws `file.tooLarge` where it is said to have more.
  private func room(_ request: Request, _ context: APIContext) throws -> Int64 {
    let limit = context.entrance.limits.uploadBytes
    guard length(request) ?? 0 <= limit else { throw StoreError.tooLarge(limit) }
    return limit
  }

  /// Makes a job of a stored file. Where the address names no machine and there are several, it is held until somebody chooses.
  func submit(_ file: FileRecord, to target: SlicerTarget, _ context: APIContext) async throws -> JobRecord {
    var submission = JobSubmission(file: file.hash, machine: nil, pool: nil, copies: 1, priority: 0)
    switch target {
    case .machine(let name): submission.machine = name
    case .pool(let name): submission.pool = name
    case .open: break
    }
    let who = context.principal.name
    do {
      return try await supervisor.submit(submission, by: who, key: nil).job
    } catch let error as StoreError where error.code == .jobNoTarget {
      guard let first = try await target.machines(supervisor).first else { throw error }
      submission.machine = first.record.name
      submission.hold =
        "choose a machine, then release it: the slicer's address names none (http://HOST/m/NAME, /pool/NAME)"
      return try await supervisor.submit(submission, by: who, key: nil).job
    }
  }

  /// The newest stored file that came under this name. Throws `file.unknown`.
  func newest(named name: String) async throws -> FileRecord {
    let wanted = name.split(separator: "/").last.map(String.init) ?? name
    var after: String?
    var found: FileRecord?
    while true {
      let page = try await supervisor.store.files(after: after, limit: 500)
      for file in page where file.name == wanted && file.createdAt >= found?.createdAt ?? 0 { found = file }
      guard page.count == 500 else { break }
      after = page.last?.hash
    }
    guard let found else {
      throw StoreError(.fileUnknown, "no file \(LogRecord.escaped(wanted)) is stored; send it again")
    }
    return found
  }

  /// The job that runs on the machine meant, for whoever may act on it.
  func running(_ context: APIContext) async throws -> JobRecord? {
    guard let machine = try await SlicerTarget(context).shown(supervisor),
      let id = machine.status?.running?.job, id != 0
    else { return nil }
    let job = try await supervisor.store.job(id)
    guard context.principal.role >= .operator || job.submitter == context.principal.name else {
      throw Problem.notAllowed(
        "job \(job.id) is \(job.submitter)'s: members act on their own jobs, ask an operator")
    }
    return job
  }
}

extension APIContext {
  /// The last part of what `**` matched, percent-decoded. It is a name and never a path; the store makes it safe.
  func lastName() throws -> String {
    let parts = parameters.getCatchAll()
    guard let name = parts.last?.removingPercentEncoding, !name.isEmpty, name.utf8.count <= 1024,
      !name.utf8.contains(0)
    else {
      throw Problem.request("the path has no readable file name")
    }
    return name
  }
}
