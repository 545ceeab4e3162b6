import APIModel
import HTTPTypes
import Hummingbird
import NIOCore

/// The web page. Whoever reaches the port may read it: it holds nothing of the workshop, and asks for a sign-in itself.
struct PageRoutes {
  /// The files, or why there are none.
  let files: Result<PageFiles, PageError>

  func add(to router: Router<APIContext>) {
    router.get("/") { request, _ in
      let name = (try? files.get())?.index(for: request.headers[.acceptLanguage])
      return try serve(name ?? "index.html", request, isLasting: false)
    }
    router.get("page/:version/**") { request, context in
      let isCurrent = context.parameters.get("version") == (try? files.get().version)
      // An old address still leads to the file, but not for good.
      return try serve(
        context.parameters.getCatchAll().joined(separator: "/"), request, isLasting: isCurrent)
    }
  }

  private func serve(_ name: String, _ request: Request, isLasting: Bool) throws -> Response {
    let page: PageFiles
    switch files {
    case .success(let found): page = found
    case .failure(let error): throw Problem(code: error.code, sentence: error.sentence)
    }
    guard let file = page.file(name) else { throw Problem.unknownPage }
    var headers = PageRoutes.guards
    headers[.eTag] = file.tag
    headers[.cacheControl] = isLasting ? "public, max-age=31536000, immutable" : "no-cache"
    if request.headers[.ifNoneMatch]?.contains(file.tag) == true {
      return Response(status: .notModified, headers: headers)
    }
    headers[.contentType] = file.type
    headers[.vary] = isLasting ? "Accept-Encoding" : "Accept-Encoding, Accept-Language"
    let takesPacked = request.headers[.acceptEncoding]?.split(separator: ",").contains {
      $0.prefix { $0 != ";" }.trimmingPrefix(" ") == "gzip" && !$0.hasSuffix("q=0")
    }
    if takesPacked == true, let packed = file.packed {
      headers[.contentEncoding] = "gzip"
      return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: packed))
    }
    return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.bytes))
  }

  /// Everything comes from here, nothing is written into the page, nobody frames it.
  private static let guards: HTTPFields = {
    var headers = HTTPFields()
    headers[.contentSecurityPolicy] =
      "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
      + "frame-ancestors 'none'"
    headers[.xContentTypeOptions] = "nosniff"
    if let policy = HTTPField.Name("Referrer-Policy") { headers[policy] = "no-referrer" }
    return headers
  }()
}

extension Problem {
  /// A file that the page does not have.
  static let unknownPage = Problem(
    code: "page.unknown", title: "no such thing", status: 404,
    detail: "the page has no file of that name; load it anew")
}
