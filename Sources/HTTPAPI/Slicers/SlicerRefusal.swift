import APIModel
import HTTPTypes
import Hummingbird
import NIOCore

/// A problem as a slicer shows it.
///
/// PrusaSlicer, SuperSlicer and OrcaSlicer show `HTTP`, the status and the body as it is; Cura's plugin shows `error` of a JSON body.
enum SlicerRefusal {
  /// The answer; nil where the path is none of a slicer's.
  static func response(_ problem: Problem, endpoint: String?) throws -> Response? {
    guard let endpoint, let path = ownPath(endpoint) else { return nil }
    let status = HTTPResponse.Status(code: problem.status)
    if path.hasPrefix("/api/v1/") {
      return Response(
        status: status, headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: problem.detail + "\n")))
    }
    if path.hasPrefix("/api/") || path.hasPrefix("/plugin/") {
      return try Response.json(["error": .text(problem.detail)] as JSONValue, status: status)
    }
    let error: JSONValue = ["code": .number(problem.status), "message": .text(problem.detail)]
    return try Response.json(["error": error] as JSONValue, status: status)
  }

  /// The dialect's own path, without what stands before it.
  private static func ownPath(_ endpoint: String) -> Substring? {
    for prefix in SlicerTarget.prefixes.reversed() where endpoint.hasPrefix(prefix) {
      let path = endpoint.dropFirst(prefix.count)
      return RouteTable.slicerPaths.contains { $0.path == path }
        && (!prefix.isEmpty || !path.hasPrefix("/api/v1/"))
        ? path : nil
    }
    return nil
  }
}
