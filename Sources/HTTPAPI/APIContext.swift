import APIModel
import Hummingbird
import Logging
import NIOCore
import Supervisor

/// What belongs to one request: who acts, and how it is logged.
struct APIContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection; its other end tells who acts.
  let channel: any Channel
  /// The way by which the request came in; set before any route runs.
  var entrance = Entrance.unix
  /// Who acts; set before any route runs.
  var principal = Principal.nobody
  /// The address at the other end; nil on the Unix socket.
  var address: String?
  /// What wrong passwords are counted by: the address, or the user at the Unix socket.
  var origin: String { address ?? (principal.uid == .max ? "unix" : "unix \(principal.uid)") }
  /// Whether the connection is encrypted.
  var isSecure = false
  /// What the audit log is told besides.
  let audit = AuditRemark()

  init(source: Source) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// The largest JSON body, in bytes: settings with long scripts fit, nothing that costs memory does.
  var maxUploadSize: Int { entrance.limits.bodyBytes }

  /// A part of the path; the router guarantees it.
  func parameter(_ name: String) throws -> String {
    guard let text = parameters.get(name)?.removingPercentEncoding, !text.isEmpty, text.utf8.count <= 255
    else {
      throw Problem.request("the path has no readable \(name)")
    }
    return text
  }

  /// The job's number in the path.
  func jobNumber() throws -> Int64 { try number("id", "a job's number") }

  /// A number in the path; `words` say what it is.
  func number(_ name: String, _ words: String) throws -> Int64 {
    let text = try parameter(name)
    guard let number = Int64(text), number > 0 else {
      throw Problem.request("\(LogRecord.escaped(text)) is not \(words)")
    }
    return number
  }
}
