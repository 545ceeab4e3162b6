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
    var all = SHA256()
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      all.update(data: Data((name + file.tag).utf8))
    }
    let version = PageFiles.digest(all.finalize())
    // The one file whose own address stays names all others by their version.
    let named = text.replacingOccurrences(of: "\"/page/", with: "\"/page/\(version)/")
    files["index.html"] = File(bytes: ByteBuffer(string: named), type: index.type, tag: "\"\(version)\"")
    self.version = version
    self.files = files.mapValues { file in
      var file = file
      file.packed = Gzip.packed(Array(file.bytes.readableBytesView)).map { ByteBuffer(bytes: $0) }
      return file
    }
  }

  private static let stylesheet = "style.css"

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
