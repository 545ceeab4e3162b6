import APIModel
import Foundation
import Hummingbird
import Testing

@testable import HTTPAPI

@Suite struct PageBytesTests {
  @Test(
    "A page encoded item by item has the bytes of the whole", arguments: [0, 1, 3],
    [nil, "7", "a \"b\" /c"])
  func bytes(count: Int, next: String?) throws {
    let items = (0..<count).map { number in
      HistoryModel(at: "2026-11-29T00:00:00Z", who: "kim / \"x\" \u{e9}", what: "note", why: "\(number)")
    }
    let page = ItemPage(items: items, next: next)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let whole = String(decoding: try encoder.encode(page), as: UTF8.self)
    let buffer: ByteBuffer = try Response.encoded(page)
    #expect(String(buffer: buffer) == whole)
  }
}
