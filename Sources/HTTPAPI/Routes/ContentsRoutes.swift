import APIModel
import Hummingbird
import JobStore
import NIOCore
import Supervisor
import Thumbnail
import Toolpath

/// What is in a stored file: the slicer's pictures, ours, and the layers.
///
/// A file's hash is in each address and its bytes never change, so that answers may be kept for good.
struct ContentsRoutes {
  let supervisor: Supervisor

  func add(to routes: RouterGroup<APIContext>) {
    routes.get("files/:hash/thumbnail") { request, context in try await thumbnail(request, context) }
    routes.get("files/:hash/picture") { request, context in try await picture(request, context) }
    routes.get("files/:hash/layers") { _, context in try await layers(context) }
    routes.get("files/:hash/layers/:number") { request, context in try await layer(request, context) }
  }

  /// The smallest picture that is at least `size` pixels wide, else the largest.
  private func thumbnail(_ request: Request, _ context: APIContext) async throws -> Response {
    let file = try await supervisor.store.file(try context.parameter("hash"))
    let size = try Query(request).number("size") ?? .max
    let pictures = file.facts.thumbnails.sorted { $0.width < $1.width }
    guard let chosen = pictures.first(where: { $0.width >= size }) ?? pictures.last else {
      throw Problem(
        code: "thumbnail.unknown",
        sentence: "\(file.name) has no picture by its slicer; /picture has one by Fabline")
    }
    let tag = "\"\(file.hash.prefix(16))-\(chosen.offset)\""
    if request.header("If-None-Match") == tag { return .notModified(tag) }
    var bytes = try await supervisor.store.picture(chosen, ofFile: file.hash)
    if chosen.type == .qoi {
      guard let picture = QOIPicture(bytes) else {
        throw Problem(code: "thumbnail.unknown", sentence: "the picture in \(file.name) is damaged")
      }
      bytes = PNGEncoder.encode(picture.pixels, width: picture.width, height: picture.height)
    }
    return .picture(bytes, type: chosen.servedType, tag: tag)
  }

  private func picture(_ request: Request, _ context: APIContext) async throws -> Response {
    let file = try await supervisor.store.file(try context.parameter("hash"))
    let tag = "\"\(file.hash.prefix(16))-picture\""
    if request.header("If-None-Match") == tag { return .notModified(tag) }
    guard let picture = try await supervisor.store.contents(ofFile: file.hash).picture else {
      throw Problem(code: "picture.unknown", sentence: "\(file.name) draws nothing that could be shown")
    }
    return .picture(Array(picture.utf8), type: "image/svg+xml", tag: tag)
  }

  private func layers(_ context: APIContext) async throws -> Response {
    let contents = try await supervisor.store.contents(ofFile: try context.parameter("hash"))
    return try Response.json(LayersModel(contents.path))
  }

  private func layer(_ request: Request, _ context: APIContext) async throws -> Response {
    let query = Query(request)
    let file = try await supervisor.store.file(try context.parameter("hash"))
    guard let number = Int(try context.parameter("number")), number >= 0 else {
      throw Problem.request("a layer is a number, from 0")
    }
    let points = try query.number("points") ?? 20_000
    guard (100...50_000).contains(points) else { throw Problem.request("points is 100 to 50000") }
    let isDrawing = try query.one("format", LayerFormat.self) == .svg
    let found = try await supervisor.store.layer(number, ofFile: file.hash, most: Int(points))
    if isDrawing {
      let svg = LayerDrawing.svg(found.path.lines, bounds: found.of.bounds, title: "layer \(number)")
      let tag = "\"\(file.hash.prefix(16))-\(number)-\(points)\""
      return .picture(Array(svg.utf8), type: "image/svg+xml", tag: tag)
    }
    return try Response.json(
      LayerPathModel(
        layer: LayerModel(found.layer, index: number), tolerance: Double(found.path.tolerance) / 100,
        paths: found.path.lines.map { PathModel($0) }))
  }
}

/// In which form a layer is asked for.
enum LayerFormat: String, CaseIterable {
  case json, svg
}

extension Response {
  /// A picture that came from a file of somebody's: shown as what it is, never run.
  fileprivate static func picture(_ bytes: [UInt8], type: String, tag: String) -> Response {
    var response = Response(
      status: .ok, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    response.keep(tag)
    return response
  }

  /// The client has it already.
  fileprivate static func notModified(_ tag: String) -> Response {
    var response = Response(status: .notModified)
    response.keep(tag)
    return response
  }

  private mutating func keep(_ tag: String) {
    headers[.eTag] = tag
    headers[.cacheControl] = "private, max-age=31536000, immutable"
    headers[.xContentTypeOptions] = "nosniff"
    headers[.contentSecurityPolicy] = "default-src 'none'; sandbox"
  }
}
