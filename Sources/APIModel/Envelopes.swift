/// A list, a page at a time: `{"items": [...], "next": "..."}`.
public struct ItemPage<Item: Codable & Sendable>: Codable, Sendable {
  /// This page's items.
  public var items: [Item]
  /// What to pass as `after` for the next page; nil on the last.
  public var next: String?

  /// Makes a page.
  public init(items: [Item], next: String? = nil) {
    self.items = items
    self.next = next
  }
}

/// An error as a problem document, `application/problem+json` (RFC 9457).
public struct Problem: Codable, Error, Equatable, Sendable {
  /// `urn:fabline:problem:` and the code.
  public var type: String
  /// The code in words; the same for every occurrence.
  public var title: String
  /// The HTTP status.
  public var status: Int
  /// What happened here, and what to do.
  public var detail: String
  /// The stable dotted code (`job.unknown`, `file.binary`, `machine.busy`).
  public var code: String

  /// Makes a problem.
  public init(code: String, title: String, status: Int, detail: String) {
    self.type = "urn:fabline:problem:\(code)"
    self.title = title
    self.status = status
    self.detail = detail
    self.code = code
  }
}
