import GCode

/// What one pass over a file's lines found.
struct FileContent: Sendable {
  /// The problems that were kept, in the order of the file.
  var problems: [FileProblem] = []
  /// How many more there are.
  var problemsBeyond: Int64 = 0
  /// Lines, comments included.
  var lines: Int64 = 0
  /// Lines that hold a command.
  var commands: Int64 = 0
  /// Layers; 0 where the file does not tell.
  var layers: Int32 = 0
  /// What the slicer thinks it takes.
  var seconds: Int64?

  /// Reads a file in pieces; memory does not grow with it.
  static func read(_ path: String, size: Int64, limits: FileCheckLimits) throws(Failure) -> FileContent {
    var check = FileCheck(limits: limits)
    let pieces = FilePieces(path: path).makeIterator()
    while let piece = try pieces.next() { check.update(piece.span) }
    check.finish()
    var content = FileContent()
    content.problems = check.problems
    content.problemsBeyond = max(0, check.problemCount - Int64(check.problems.count))
    content.lines = check.facts.lines
    content.commands = check.facts.commands
    content.layers = check.facts.layers
    let slicer = try comments(path, size: size)
    content.seconds = slicer.seconds.map { Int64($0) }
    if let layers = slicer.layers, content.layers == 0 { content.layers = layers }
    return content
  }

  /// What the slicer wrote: it stands in the first 64 KB and the last 256 KB.
  private static func comments(_ path: String, size: Int64) throws(Failure) -> SlicerComments {
    let head: Int64 = 64 << 10
    let tail: Int64 = 256 << 10
    var comments = SlicerComments()
    var splitter = LineSplitter()
    let pieces = FilePieces(path: path, pieceSize: 32 << 10).makeIterator()
    var offset: Int64 = 0
    while let piece = try pieces.next() {
      _ = piece.withUnsafeBufferPointer { bytes in
        splitter.forEachLine(in: bytes) { _, content in
          comments.read(content)
          return true
        }
      }
      offset += Int64(piece.count)
      if offset >= head, offset < size - tail { offset = pieces.skip(to: size - tail) }
    }
    if splitter.finish() != nil { comments.read(splitter.content) }
    return comments
  }
}
