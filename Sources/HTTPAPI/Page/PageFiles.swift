import Crypto
import Foundation
import NIOCore

/// The page's files as they are served: read once, each with its type and a tag of its content.
///
/// They lie beside the program and not in it: a resource bundle traps when the program is moved, and large literals are slow to
/// build. A path from a client is looked up here and never becomes a path on the disk.
public struct PageFiles: Sendable {
  /// One file.
  struct File: Sendable {
    /// Its bytes.
    var bytes: ByteBuffer
    /// Its bytes packed, for browsers that take them so.
    var packed: ByteBuffer?
    /// Its media type.
    var type: String
    /// Its entity tag, quotes included.
    var tag: String
  }

  /// Stands for the content of all files; part of their addresses, so that a browser may keep them for good.
  let version: String
  private let files: [String: File]

  /// Reads the folder of the page. Throws `PageError` where it holds no `index.html` or cannot be read.
  public init(folder: String) throws(PageError) {
    guard let names = FileManager.default.enumerator(atPath: folder) else {
      throw PageError.missing(folder)
    }
    var files: [String: File] = [:]
    for case let name as String in names {
      guard let type = PageFiles.types[(name as NSString).pathExtension] else { continue }
      guard let bytes = FileManager.default.contents(atPath: folder + "/" + name) else {
        throw PageError.unreadable(folder + "/" + name)
      }
      files[name] = File(
        bytes: ByteBuffer(bytes: bytes), type: type, tag: "\"\(PageFiles.digest(SHA256.hash(data: bytes)))\"")
    }
    guard let index = files["index.html"] else { throw PageError.missing(folder) }
    let (text, styles) = PageFiles.joined(String(buffer: index.bytes), files)
    files[PageFiles.stylesheet] = styles
    let scripts = try PageFiles.scripts(files)
    // What was joined is not kept as it was, but for the dictionaries.
    files = files.filter {
      !$0.key.hasPrefix("style/") && (!$0.key.hasSuffix(".js") || $0.key.hasPrefix("words/"))
    }
    files.merge(scripts) { _, script in script }
    var all = SHA256()
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      all.update(data: Data((name + file.tag).utf8))
    }
    let version = PageFiles.digest(all.finalize())
    // The one file whose own address stays names all others by their version.
    let named = text.replacingOccurrences(of: "\"/page/main.js", with: "\"/page/\(PageFiles.script)")
      .replacingOccurrences(of: "\"/page/", with: "\"/page/\(version)/")
    files["index.html"] = File(bytes: ByteBuffer(string: named), type: index.type, tag: "\"\(version)\"")
    // The same with another language's words, for browsers that ask for that.
    for name in files.keys where name.hasPrefix("words/") && name != PageFiles.defaultWords {
      let tag = name.dropFirst(6).dropLast(3)
      let text = named.replacingOccurrences(of: PageFiles.defaultWords, with: name)
      files["index.\(tag).html"] = File(
        bytes: ByteBuffer(string: text), type: index.type, tag: "\"\(version)-\(tag)\"")
    }
    self.version = version
    self.files = files.mapValues { file in
      var file = file
      file.packed = Gzip.packed(Array(file.bytes.readableBytesView)).map { ByteBuffer(bytes: $0) }
      return file
    }
  }

  private static let stylesheet = "style.css"
  private static let defaultWords = "words/en.js"
  private static let script = "page.js"
  private static let moreScript = "more.js"

  /// The modules joined: over HTTP/1.1 a browser asks for six files at a time.
  private static func scripts(_ files: [String: File]) throws(PageError) -> [String: File] {
    let modules = files.filter { $0.key.hasSuffix(".js") }.mapValues { String(buffer: $0.bytes) }
    do {
      let bundle = try ModuleBundle(modules, main: "main.js", rest: moreScript)
      return [script: bundle.first, moreScript: bundle.rest].mapValues { text in
        let tag = "\"\(digest(SHA256.hash(data: Data(text.utf8))))\""
        return File(bytes: ByteBuffer(string: text), type: types["js"] ?? "", tag: tag)
      }
    } catch {
      throw PageError.misread(error)
    }
  }

  /// The stylesheets that the first page names as one, in their order: each would cost a phone a turn of its own.
  private static func joined(_ index: String, _ files: [String: File]) -> (index: String, styles: File) {
    var bytes = ByteBuffer()
    var lines: [String] = []
    for line in index.split(separator: "\n", omittingEmptySubsequences: false) {
      let name = line.components(separatedBy: "\"/page/").dropFirst().first?.prefix { $0 != "\"" }
      guard line.contains("rel=\"stylesheet\""), let name, let file = files[String(name)] else {
        lines.append(String(line))
        continue
      }
      if bytes.readableBytes == 0 {
        lines.append(line.replacingOccurrences(of: String(name), with: stylesheet))
      }
      bytes.writeImmutableBuffer(file.bytes)
    }
    let tag = "\"\(digest(SHA256.hash(data: Data(bytes.readableBytesView))))\""
    return (lines.joined(separator: "\n"), File(bytes: bytes, type: types["css"] ?? "", tag: tag))
  }

  /// Reads the folder that `folder(named:program:)` finds; a page that is not there does not stop a print.
  public static func read(named: String?, program: String) -> Result<PageFiles, PageError> {
    let folder = folder(named: named, program: program)
    return Result { () throws(PageError) in try PageFiles(folder: folder) }
  }

  /// No page at all.
  public static let absent: Result<PageFiles, PageError> = .failure(.missing("a folder that was named"))

  /// The file of that name, below the page's folder.
  func file(_ name: String) -> File? { files[name] }

  /// The first page for a browser that asks for these languages, by `Accept-Language`; its words come with the rest.
  func index(for languages: String?) -> String {
    for language in languages?.split(separator: ",") ?? [] {
      let tag = language.trimmingPrefix(" ").prefix { $0.isLetter }.lowercased()
      if PageFiles.defaultWords.hasSuffix("/\(tag).js") { break }
      if files["index.\(tag).html"] != nil { return "index.\(tag).html" }
    }
    return "index.html"
  }

  /// How many bytes all files have.
  var size: Int { files.values.reduce(0) { $0 + $1.bytes.readableBytes } }

  private static let types = [
    "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
  ]

  private static func digest(_ hash: some Digest) -> String {
    hash.prefix(8).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}

/// Why there is no page.
public struct PageError: Error, Equatable, Sendable {
  /// The dotted code.
  public let code: String
  /// What is wrong, and what to do.
  public let sentence: String

  static func missing(_ folder: String) -> PageError {
    PageError(
      code: "page.missing",
      sentence:
        "the page's files are not at \(folder): run `fabline install`, or name their folder with --page")
  }

  static func misread(_ error: ModuleBundle.Misread) -> PageError {
    PageError(
      code: "page.misread",
      sentence: "\(error.module) of the page cannot be joined with the others: \(error.line)")
  }

  static func unreadable(_ path: String) -> PageError {
    PageError(code: "page.unreadable", sentence: "\(path) of the page cannot be read: look at its rights")
  }
}

extension PageFiles {
  /// Where the page's files are: the folder that was named, else the first of those that there may be beside `program`.
  ///
  /// An installation has them at `share/fabline/page` beside the folder of its programs, a checkout at their source.
  public static func folder(named: String?, program: String) -> String {
    if let named { return named }
    var place = URL(fileURLWithPath: program).deletingLastPathComponent().deletingLastPathComponent()
    let installed = place.appendingPathComponent("share/fabline/page").path
    if isThere(installed) { return installed }
    while place.path != "/" {
      let source = place.appendingPathComponent("Sources/HTTPAPI/Page/Files").path
      if isThere(source) { return source }
      place.deleteLastPathComponent()
    }
    return installed
  }

  private static func isThere(_ folder: String) -> Bool {
    FileManager.default.fileExists(atPath: folder + "/index.html")
  }
}
