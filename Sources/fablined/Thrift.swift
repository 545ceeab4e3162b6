import Glibc

/// Keeps the process small: fablined shares a small board's memory with everything else there.
enum Thrift {
  /// Two heaps for all threads instead of eight for each processor: to be called before there are threads.
  ///
  /// The corresponding call is `mallopt` with `M_ARENA_MAX`, which the Glibc module does not show.
  static func limitHeaps() {
    typealias Call = @convention(c) (Int32, Int32) -> Int32
    guard let symbol = dlsym(nil, "mallopt") else { return }
    _ = unsafeBitCast(symbol, to: Call.self)(-8, 2)
  }

  /// Gives back what nobody uses: free memory of the heaps, and code that only the start or a rare request needed.
  static func release() {
    typealias Call = @convention(c) (Int) -> Int32
    if let symbol = dlsym(nil, "malloc_trim") { _ = unsafeBitCast(symbol, to: Call.self)(0) }
    releaseCode()
  }

  /// Gives back the pages of code that only the start needed; what is needed again comes back from the page cache.
  ///
  /// The kernel maps code generously around each page that is touched, and counts it as this process's own while no other
  /// process runs the same program: about 12 MB of a release build, of which a supervisor at work touches a small part. Nothing
  /// is lost by it: the pages are the file's. The corresponding call is `madvise` with `MADV_DONTNEED`.
  private static func releaseCode() {
    for line in readMaps().split(separator: "\n") {
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { continue }
      let ends = fields[0].split(separator: "-")
      guard ends.count == 2, let start = UInt(ends[0], radix: 16), let end = UInt(ends[1], radix: 16),
        start < end,
        let address = UnsafeMutableRawPointer(bitPattern: start)
      else { continue }
      madvise(address, Int(end - start), MADV_DONTNEED)
    }
  }

  private static func readMaps() -> String {
    let file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = read(file, &piece, piece.count)
      guard count > 0 else { break }
      text += piece[0..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }
}
