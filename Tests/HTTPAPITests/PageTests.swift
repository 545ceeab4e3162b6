import APIModel
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import HTTPAPI

/// The web page as it is served: what a browser may keep, what it is told to refuse, and what is no file of the page.
@Suite(.timeLimit(.minutes(1))) struct PageTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Sources/HTTPAPI/Page/Files").standardized.path

  private func page() throws -> PageFiles { try PageFiles(folder: PageTests.folder) }

  private func fetch(
    _ path: String, _ headers: HTTPFields = [:], from files: Result<PageFiles, PageError>
  ) async throws -> (status: Int, headers: HTTPFields, text: String) {
    let router = Router(context: APIContext.self)
    router.add(middleware: ProblemMiddleware())
    PageRoutes(files: files).add(to: router)
    return try await Application(router: router).test(.router) { client in
      let response = try await client.execute(uri: path, method: .get, headers: headers)
      return (response.status.code, response.headers, String(buffer: response.body))
    }
  }

  @Test("Every address that the first page names is there, and may be kept for good")
  func addresses() async throws {
    let files = try page()
    let index = try await fetch("/", from: .success(files))
    #expect(index.status == 200)
    #expect(index.headers[.cacheControl] == "no-cache")
    let named = index.text.components(separatedBy: "\"/page/").dropFirst().map { text in
      "/page/" + text.prefix { $0 != "\"" }
    }
    #expect(named.count == 4, "icon, style, script, words: each more would be a turn for a phone")
    for path in named {
      #expect(path.hasPrefix("/page/\(files.version)/"))
      let answer = try await fetch(path, from: .success(files))
      #expect(answer.status == 200, "\(path)")
      #expect(answer.headers[.cacheControl]?.contains("immutable") == true)
      #expect(answer.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'self'") == true)
    }
  }

  @Test("All stylesheets come as one, in the order in which the source names them")
  func styles() async throws {
    let files = try page()
    let index = try await fetch("/", from: .success(files))
    #expect(index.text.components(separatedBy: "rel=\"stylesheet\"").count == 2)
    let source = try String(contentsOfFile: PageTests.folder + "/index.html", encoding: .utf8)
    let names = source.components(separatedBy: "href=\"/page/style/").dropFirst().map {
      $0.prefix { $0 != "\"" }
    }
    let whole = try names.map {
      try String(contentsOfFile: PageTests.folder + "/style/" + $0, encoding: .utf8)
    }.joined()
    #expect(names.count > 2)
    #expect(files.file("style.css").map { String(buffer: $0.bytes) } == whole)
  }

  @Test(
    "A browser that takes it packed gets it packed",
    arguments: ["gzip", "br;q=1.0, gzip;q=0.8", "deflate, gzip"])
  func packed(_ words: String) async throws {
    let files = try page()
    let whole = try #require(files.file("words/ko.js"))
    let path = "/page/\(files.version)/words/ko.js"
    let answer = try await fetch(path, [.acceptEncoding: words], from: .success(files))
    #expect(answer.headers[.contentEncoding] == "gzip")
    let length = try #require(whole.packed?.readableBytes)
    #expect(length < whole.bytes.readableBytes / 2)
    let plain = try await fetch(path, [.acceptEncoding: "br, gzip;q=0"], from: .success(files))
    #expect(plain.headers[.contentEncoding] == nil)
    #expect(plain.text == String(buffer: whole.bytes))
  }

  @Test("What is packed is a member of gzip's that unpacks to the same")
  func unpacks() throws {
    let text = Array(String(repeating: "layer 1 of 120, ", count: 4000).utf8)
    let packed = try #require(Gzip.packed(text))
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "fl-\(UInt64.random(in: 0...UInt64.max)).gz")
    try Data(packed).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let gunzip = Process()
    gunzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
    gunzip.arguments = ["-dc", file.path]
    let output = Pipe()
    gunzip.standardOutput = output
    try gunzip.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    gunzip.waitUntilExit()
    #expect(gunzip.terminationStatus == 0)
    #expect(Array(bytes) == text)
    #expect(Gzip.packed([]) != nil)
  }

  @Test("What a module imports is there")
  func imports() throws {
    let names = try #require(FileManager.default.enumerator(atPath: PageTests.folder)).compactMap {
      $0 as? String
    }
    for name in names where name.hasSuffix(".js") {
      let text = try String(contentsOfFile: PageTests.folder + "/" + name, encoding: .utf8)
      let place = URL(fileURLWithPath: "/" + name).deletingLastPathComponent()
      for piece in text.components(separatedBy: "from '").dropFirst()
        + text.components(separatedBy: "import('").dropFirst()
      {
        let target = piece.prefix { $0 != "'" }
        guard target.hasPrefix("."), !target.contains("$") else { continue }
        let path = place.appendingPathComponent(String(target)).standardized.path.dropFirst()
        #expect(names.contains(String(path)), "\(name) imports \(target)")
      }
    }
  }

  @Test("What the first page asks for ahead is what its modules ask for")
  func askedAhead() throws {
    func source(_ name: String) throws -> String {
      try String(contentsOfFile: PageTests.folder + "/" + name, encoding: .utf8)
    }
    let open = try #require(
      try source("core/shop.js").components(separatedBy: "const OPEN = '").last?.prefix { $0 != "'" })
    let index = try source("index.html").replacingOccurrences(of: "&amp;", with: "&")
    for path in ["/session", "/machines?limit=200", open + "&limit=200", "/status"] {
      #expect(index.contains("href=\"/api/v1\(path)\""), "\(path)")
    }
  }

  @Test("Every module comes once, in the file of the first page or in the one behind it")
  func modules() throws {
    let files = try page()
    let first = try #require(files.file("page.js").map { String(buffer: $0.bytes) })
    let rest = try #require(files.file("more.js").map { String(buffer: $0.bytes) })
    let names = try #require(FileManager.default.enumerator(atPath: PageTests.folder)).compactMap {
      $0 as? String
    }
    for name in names where name.hasSuffix(".js") && !name.hasPrefix("words/") {
      let heads = (first + rest).components(separatedBy: "'\(name)'($use").count - 1
      #expect(heads == 1, "\(name)")
    }
    #expect(first.contains("'views/machines.js'($use") && rest.contains("'views/machine.js'($use"))
    #expect(first.contains("'words/en.js', 'words/ko.js'") && !first.contains("out.default"))
  }

  @Test("A module becomes a function: what it imports, what it exports, where it lies")
  func joined() throws {
    let bundle = try ModuleBundle(
      [
        "main.js": """
        /** Says it. */
        import { a, b as c } from './core/x.js';
        import * as y from './core/y.js';
        // Not for the browser.
        export const shown = a(c);
        const late = () => import('./views/z.js');
        """,
        "core/x.js":
          "export function a(one) { return one; }\nexport const b = new URL('../m.svg', import.meta.url);\n",
        "core/y.js": "import { a } from './x.js';\nexport class Y {}\n",
        "views/z.js": "import { a } from '../core/x.js';\n",
        "words/en.js": "/** Words. */\nexport default {\n};\n",
      ], main: "main.js", rest: "more.js")
    for line in [
      "const { a, b: c } = $use('core/x.js');", "const y = $use('core/y.js');", "const shown = a(c);",
      "const late = () => $load('./views/z.js');", "get shown() { return shown; }",
      "new URL('../m.svg', $place)", "const apart = ['words/en.js'];", "get Y() { return Y; }",
    ] { #expect(bundle.first.contains(line), "\(line)") }
    #expect(!bundle.first.contains("Says it") && !bundle.first.contains("Not for"))
    #expect(!bundle.first.contains("views/z.js'($use"))
    #expect(bundle.rest.contains("const { a } = $use('core/x.js');"))
  }

  @Test(
    "What would come out wrong is refused",
    arguments: ["export let a = 1;", "export { a };", "import a from './b.js';", "import './b.js';"])
  func misread(_ line: String) {
    #expect(throws: ModuleBundle.Misread(module: "main.js", line: line)) {
      try ModuleBundle(["main.js": line], main: "main.js", rest: "more.js")
    }
  }

  @Test(
    "The words of the language that is asked for come with the first page",
    arguments: [("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("de, ko;q=0.5", "ko"), ("en-GB,ko", "en"), ("de", "en")])
  func language(_ asked: String, _ tag: String) async throws {
    let answer = try await fetch("/", [.acceptLanguage: asked], from: .success(try page()))
    #expect(answer.text.contains("/words/\(tag).js\""))
    #expect(answer.headers[.vary]?.contains("Accept-Language") == true)
    #expect(answer.headers[.eTag]?.contains("-ko") == (tag == "ko"))
  }

  @Test("What is known already is not sent again")
  func tags() async throws {
    let files = try page()
    let tag = try #require(files.file("page.js")?.tag)
    let path = "/page/\(files.version)/page.js"
    #expect(try await fetch(path, [.ifNoneMatch: tag], from: .success(files)).status == 304)
    #expect(try await fetch(path, [.ifNoneMatch: "\"other\""], from: .success(files)).status == 200)
  }

  @Test("An address of an older page leads to today's file, and is not kept")
  func older() async throws {
    let answer = try await fetch("/page/0123456789abcdef/page.js", from: .success(try page()))
    #expect(answer.status == 200)
    #expect(answer.headers[.cacheControl] == "no-cache")
  }

  @Test(
    "A path never leads out of the page",
    arguments: [
      "../PageFiles.swift", "..%2fPageFiles.swift", "%2e%2e/PageFiles.swift", "/etc/passwd", "core",
    ])
  func traversal(_ name: String) async throws {
    let files = try page()
    #expect(try await fetch("/page/\(files.version)/\(name)", from: .success(files)).status == 404)
  }

  @Test("A page that is not installed says what to do")
  func missing() async throws {
    let answer = try await fetch("/", from: PageFiles.read(named: "/nowhere", program: "/x/bin/fablined"))
    #expect(answer.status == 503)
    #expect(answer.text.contains("fabline install"))
  }

  @Test("A checkout has the page at its source, an installation beside the folder of its programs")
  func places() throws {
    let root = URL(fileURLWithPath: PageTests.folder + "/../../../..").standardized.path
    #expect(PageFiles.folder(named: nil, program: root + "/.build/x/debug/fablined") == PageTests.folder)
    #expect(PageFiles.folder(named: nil, program: "/opt/a/bin/fablined") == "/opt/a/share/fabline/page")
    #expect(PageFiles.folder(named: "/here", program: "/opt/a/bin/fablined") == "/here")
  }

  @Test("All of it is small")
  func size() throws {
    #expect(try PageFiles(folder: PageTests.folder).size < 300_000)
  }
}
