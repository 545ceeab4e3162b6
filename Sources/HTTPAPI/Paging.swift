import APIModel
import Hummingbird

extension ItemPage {
  /// The part of a short list that `after` and `limit` ask for; `key` is what the list is sorted by.
  static func part(of items: [Item], _ request: Request, key: (Item) -> String) throws -> ItemPage {
    let query = Query(request)
    let limit = try query.limit()
    let after = query.text("after")
    let rest = items.sorted { key($0) < key($1) }.filter { item in after.map { key(item) > $0 } ?? true }
    let page = Array(rest.prefix(limit))
    return ItemPage(items: page, next: rest.count > limit ? page.last.map(key) : nil)
  }
}
