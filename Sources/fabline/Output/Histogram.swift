/// A histogram of times by their logarithm, drawn with characters: member n counts those of 2^n to 2^(n+1) microseconds.
struct Histogram: Equatable, Sendable {
  /// The counts.
  let buckets: [Int64]

  /// How many were counted.
  var total: Int64 { buckets.reduce(0, &+) }

  /// A title, then a line a bucket, from the first that holds something to the last: its lower end, a bar, the count. Three
  /// empty ones and more are one line.
  func lines(width: Int, unicode: Bool) -> [String] {
    guard let first = buckets.firstIndex(where: { $0 > 0 }), let last = buckets.lastIndex(where: { $0 > 0 }),
      let most = buckets.max()
    else { return [] }
    let rows = Self.shortened(Array(first...last)) { buckets[$0] == 0 }
    let labels = rows.map { $0.map { Self.time(bucket: $0, unicode: unicode) } ?? (unicode ? "…" : "...") }
    let counts = rows.map { $0.map { NumberText.grouped(buckets[$0]) } ?? "" }
    let label = max(4, labels.map { TextWidth.cells($0) }.max() ?? 0)
    let count = max(5, counts.map { TextWidth.cells($0) }.max() ?? 0)
    let room = max(4, min(48, width - label - count - 2))
    func line(_ head: String, _ bar: String, _ tail: String) -> String {
      TextWidth.padded(head, to: label, right: true) + " " + TextWidth.padded(bar, to: room) + " "
        + TextWidth.padded(tail, to: count, right: true)
    }
    return [line("from", "", "lines")]
      + rows.enumerated().map { index, bucket in
        guard let bucket else { return TextWidth.padded(labels[index], to: label, right: true) }
        let bar = Self.bar(buckets[bucket], of: most, cells: room, unicode: unicode)
        return line(labels[index], bar, counts[index])
      }
  }

  /// The buckets with nil for each run of three and more that are empty.
  private static func shortened(_ all: [Int], isEmpty: (Int) -> Bool) -> [Int?] {
    var rows: [Int?] = []
    var rest = all[...]
    while let bucket = rest.first {
      let run = rest.prefix(while: isEmpty)
      if run.count >= 3 {
        rows.append(nil)
        rest = rest.dropFirst(run.count)
      } else {
        rows.append(bucket)
        rest = rest.dropFirst()
      }
    }
    return rows
  }

  /// The time, in words, within which this share of all came; nil where nothing was counted. The upper end of a bucket.
  func within(_ share: Double, unicode: Bool) -> String? {
    let wanted = Int64((Double(total) * share).rounded(.up))
    guard wanted > 0 else { return nil }
    var sum: Int64 = 0
    for (bucket, count) in buckets.enumerated() {
      sum += count
      if sum >= wanted { return Self.time(bucket: bucket + 1, unicode: unicode) }
    }
    return nil
  }

  /// The lower end of a bucket: `256 µs`, `4.1 ms`, `1 s`.
  static func time(bucket: Int, unicode: Bool) -> String {
    let microseconds = Double(UInt64(1) << UInt64(min(62, max(0, bucket))))
    let (value, unit) =
      if microseconds < 1000 {
        (microseconds, unicode ? "µs" : "us")
      } else if microseconds < 1_000_000 {
        (microseconds / 1000, "ms")
      } else {
        (microseconds / 1_000_000, "s")
      }
    return NumberText.decimal(value, digits: value < 10 ? 1 : 0) + " " + unit
  }

  /// A bar in eighths of a cell; what is there at all is seen.
  private static func bar(_ count: Int64, of most: Int64, cells: Int, unicode: Bool) -> String {
    guard count > 0, most > 0 else { return "" }
    let eighths = max(1, Int((Double(count) / Double(most) * Double(cells * 8)).rounded()))
    guard unicode else { return String(repeating: "#", count: max(1, (eighths + 4) / 8)) }
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + partial[eighths % 8]
  }
}
