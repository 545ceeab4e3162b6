/// A table that fits the terminal: natural widths where they fit, else the flexible columns give way, then the least
/// important ones are left out.
struct TextTable: Sendable {
  /// One column.
  struct Column: Sendable {
    /// What stands above it.
    var title: String
    /// Numbers stand to the right.
    var right = false
    /// The cells it may be cut down to; nil: never cut.
    var minimum: Int?
    /// Columns with the highest number go first when there is no room; 0 stays always.
    var expendable = 0
  }

  /// The columns, left to right.
  var columns: [Column]
  /// The rows, each as long as `columns`.
  var rows: [[String]] = []
  /// Between two columns.
  static let gap = 2

  /// Makes an empty table.
  init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; what comes from outside is made harmless here.
  mutating func add(_ cells: [String]) {
    rows.append(cells.map(TextWidth.harmless))
  }

  /// The lines for a terminal of `width` cells; nil for no limit, as in a pipe. The first line holds the titles.
  func lines(width: Int?) -> [String] {
    let natural = columns.indices.map { column in
      max(TextWidth.cells(columns[column].title), rows.map { TextWidth.cells($0[column]) }.max() ?? 0)
    }
    let (shown, widths) = fitted(natural, into: width)
    let titles = columns.map(\.title)
    return ([titles] + rows).map { cells in line(cells, shown: shown, widths: widths) }
  }

  /// Which columns are shown, and how wide each is.
  private func fitted(_ natural: [Int], into width: Int?) -> (shown: [Int], widths: [Int]) {
    var shown = Array(columns.indices)
    var widths = natural
    guard let width else { return (shown, widths) }
    while true {
      widths = natural
      var excess = total(shown, widths) - width
      while excess > 0, let widest = widestFlexible(shown, widths) {
        widths[widest] -= 1
        excess -= 1
      }
      guard excess > 0, let victim = leastImportant(shown) else { return (shown, widths) }
      shown.removeAll { $0 == victim }
    }
  }

  private func total(_ shown: [Int], _ widths: [Int]) -> Int {
    shown.reduce(0) { $0 + widths[$1] } + Self.gap * max(0, shown.count - 1)
  }

  private func widestFlexible(_ shown: [Int], _ widths: [Int]) -> Int? {
    shown.filter { column in columns[column].minimum.map { widths[column] > $0 } ?? false }
      .max { widths[$0] < widths[$1] }
  }

  private func leastImportant(_ shown: [Int]) -> Int? {
    shown.filter { columns[$0].expendable > 0 }.max { columns[$0].expendable < columns[$1].expendable }
  }

  private func line(_ cells: [String], shown: [Int], widths: [Int]) -> String {
    let parts = shown.map { column in
      TextWidth.padded(
        TextWidth.truncated(cells[column], to: widths[column]), to: widths[column],
        right: columns[column].right)
    }
    let joined = parts.joined(separator: String(repeating: " ", count: Self.gap))
    return String(joined.reversed().drop { $0 == " " }.reversed())
  }
}
