import APIModel
import Hummingbird
import JobStore
import NIOCore
import Supervisor

/// Stored files: brought by streaming, named by their content.
struct FileRoutes {
  let supervisor: Supervisor

  func add(to routes: RouterGroup<APIContext>) {
    routes.post("files") { request, context in try await bring(request, context) }
    routes.get("files") { request, _ in try await list(request) }
    routes.get("files/:hash") { _, context in try await show(context) }
    routes.delete("files/:hash") { _, context in try await remove(context) }
  }

  /// The body goes to disk as it comes; nothing of it is held here.
  private func bring(_ request: Request, _ context: APIContext) async throws -> Response {
    guard let name = Query(request).text("name") else {
      throw Problem.request("name is missing: POST /files?name=part.gcode")
    }
    let length = request.headers[.contentLength].flatMap { Int64($0) }
    let limit = context.entrance.limits.uploadBytes
    guard length ?? 0 <= limit else { throw StoreError.tooLarge(limit) }
    let chunks = BoundedUpload(body: request.body, limit: limit)
    let intake = try await supervisor.takeIn(
      chunks, name: name, by: context.principal.name, expected: length)
    var model = FileModel(intake.file)
    model.remarks = intake.remarks.isEmpty ? nil : intake.remarks.map(\.sentence)
    return try Response.json(model, status: .created)
  }

  private func list(_ request: Request) async throws -> Response {
    let query = Query(request)
    let limit = try query.limit()
    let files = try await supervisor.store.files(after: query.text("after"), limit: limit)
    let next = files.count == limit ? files.last?.hash : nil
    return try Response.json(ItemPage(items: files.map { FileModel($0) }, next: next))
  }

  private func show(_ context: APIContext) async throws -> Response {
    let file = try await supervisor.store.file(try context.parameter("hash"))
    supervisor.store.readContents(of: file)
    return try Response.json(FileModel(file))
  }

  private func remove(_ context: APIContext) async throws -> Response {
    let file = try await supervisor.store.file(try context.parameter("hash"))
    try await supervisor.store.removeFile(file.hash, by: context.principal.name)
    return .noContent
  }
}
