import APIModel
import Crypto
import Hummingbird
import JobStore
import Multipart
import NIOCore
import Synchronization

/// The file in a form, as it comes: its bytes in pieces, nothing of it kept. The sequence ends when the whole form has ended, so
/// that whoever takes the file in does not take half a form for a whole.
struct FormFile: AsyncSequence, Sendable {
  private let body: BoundedUpload
  private let parser: MultipartParser
  private let checksums: Bool
  /// The other fields; complete when the sequence has ended.
  let words: FormWords

  /// At most `limit` bytes in all. Throws what `MultipartParser` says of the media type.
  init(_ request: Request, limit: Int64, checksums: Bool) throws {
    do {
      parser = try MultipartParser(contentType: Array((request.header("Content-Type") ?? "").utf8))
    } catch {
      throw Problem(error)
    }
    body = BoundedUpload(body: request.body, limit: limit)
    self.checksums = checksums
    words = FormWords()
  }

  func makeAsyncIterator() -> Iterator {
    Iterator(
      body: body.makeAsyncIterator(), parser: parser, words: words, hasher: checksums ? SHA256() : nil)
  }

  struct Iterator: AsyncIteratorProtocol {
    fileprivate var body: BoundedUpload.AsyncIterator
    fileprivate var parser: MultipartParser
    fileprivate let words: FormWords
    fileprivate var hasher: SHA256?
    private var piece: [UInt8] = []
    private var position = 0
    /// What the bytes belong to that come next.
    private var part = Part.none

    private enum Part {
      case none
      case file
      case field(String, [UInt8])
    }

    fileprivate init(
      body: BoundedUpload.AsyncIterator, parser: MultipartParser, words: FormWords, hasher: SHA256?
    ) {
      self.body = body
      self.parser = parser
      self.words = words
      self.hasher = hasher
    }

    /// More of the file; nil when the form has ended.
    mutating func next() async throws -> ArraySlice<UInt8>? {
      do {
        while true {
          let bytes = piece
          while let event = try parser.next(in: bytes.span, at: &position) {
            if let content = try take(event) {
              hasher?.update(data: content)
              return content
            }
          }
          guard let bytes = try await body.next() else { break }
          piece = Array(bytes)
          position = 0
        }
        try parser.finish()
        try words.judge(hasher.map { $0.finalize().map { $0 } })
        return nil
      } catch {
        let problem: Problem =
          switch error {
          case let error as MultipartError: Problem(error)
          case let problem as Problem: problem
          case let error as StoreError: Problem(error)
          default: Problem(MultipartError.incomplete)
          }
        words.refuse(problem)
        throw problem
      }
    }

    private mutating func take(_ event: MultipartParser.Event) throws -> ArraySlice<UInt8>? {
      switch event {
      case .part(let head):
        let name = String(decoding: head.name, as: UTF8.self)
        guard let filename = head.filename else {
          part = .field(name, [])
          return nil
        }
        try words.begin(file: filename)
        part = .file
      case .content(let range): return add(piece[range])
      case .held(let count): return add(parser.delimiter[..<count])
      case .partEnd:
        if case .field(let name, let bytes) = part { words.set(name, String(decoding: bytes, as: UTF8.self)) }
        part = .none
      case .end: break
      }
      return nil
    }

    private mutating func add(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
      switch part {
      case .file: return bytes
      case .field(let name, let earlier): part = .field(name, earlier + bytes)
      case .none: break
      }
      return nil
    }
  }
}

/// What a form says beside its file. Written while the form comes, read when it has come.
final class FormWords: Sendable {
  private struct State {
    var fields: [String: String] = [:]
    var filename: String?
    var refusal: Problem?
  }
  private let state = Mutex(State())

  /// The file's name as the client wrote it.
  var filename: String { state.withLock { $0.filename ?? "" } }
  /// Why the form is none, where it is none.
  var refusal: Problem? { state.withLock { $0.refusal } }

  /// A field's text.
  subscript(name: String) -> String? { state.withLock { $0.fields[name] } }

  /// Whether a field says yes, as OctoPrint reads it.
  func isYes(_ name: String) -> Bool {
    ["true", "yes", "y", "1"].contains(self[name]?.lowercased() ?? "")
  }

  fileprivate func set(_ name: String, _ text: String) { state.withLock { $0.fields[name] = text } }

  fileprivate func refuse(_ problem: Problem) { state.withLock { $0.refusal = $0.refusal ?? problem } }

  fileprivate func begin(file: [UInt8]) throws {
    try state.withLock { state in
      guard state.filename == nil else { throw Problem.request("the form has two files; send one at a time") }
      state.filename = String(decoding: file, as: UTF8.self)
    }
  }

  /// The form is whole: there is a file, and it is the one that its checksum names.
  fileprivate func judge(_ hash: [UInt8]?) throws {
    guard state.withLock({ $0.filename }) != nil else {
      throw Problem.request("the form has no file: its part is called file and has a filename")
    }
    if let root = self["root"], !root.isEmpty, root != "gcodes" {
      throw Problem.request("files go to root gcodes alone")
    }
    guard let hash, let checksum = self["checksum"], !checksum.isEmpty else { return }
    let digits = hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    guard checksum.lowercased() == digits else {
      throw Problem(
        code: "file.checksum", title: "the request cannot be carried out", status: 422,
        detail:
          "the file changed on its way: its SHA-256 is not the checksum that came with it; send it again")
    }
  }
}

extension Problem {
  /// A form that is none.
  init(_ error: MultipartError) {
    self.init(
      code: error.code, title: "the request cannot be read", status: error == .notAForm ? 415 : 400,
      detail: error.sentence)
  }
}
