import GCode
import Thumbnail

/// Reads a file's bytes once, in pieces of any size, for all that the store wants to know of it.
struct FileReading {
  private var check = FileCheck()
  private var comments = SlicerComments()
  private var thumbnails = ThumbnailReader()
  private var splitter = LineSplitter()
  private var head: [UInt8] = []
  private(set) var size: Int64 = 0

  /// Reads the next piece.
  mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) {
    if head.count < FileInspection.headLength {
      head.append(contentsOf: bytes.prefix(FileInspection.headLength - head.count))
    }
    size += Int64(bytes.count)
    // Taken out while it runs, so that the closure may change the rest of `self`.
    var lines = splitter
    splitter = LineSplitter(maximumLength: 1)
    lines.forEachLine(in: bytes) { line, content in
      check.add(line, content)
      comments.read(content)
      thumbnails.read(content, start: line.start, end: line.end)
      return true
    }
    splitter = lines
  }

  /// Refuses what its first bytes already tell to be something else, so that nobody waits for the end of a wrong upload;
  /// `expected` is the size, where known.
  func earlyVerdict(expected: Int64?) throws(StoreError) {
    let inspection = FileInspection(head: head[...], size: expected ?? .max)
    switch inspection.kind {
    case .binaryGCode, .gzip, .zip, .archive, .document, .program, .webPage, .utf16:
      if let problem = inspection.problem { throw StoreError(problem) }
    case .text, .empty, .zeros, .stl, .model, .binary: return
    }
  }

  /// Ends the file. Throws what forbids it; returns what is known of it, and what a person should know.
  mutating func finish() throws(StoreError) -> (facts: StoredFacts, remarks: [FileProblem]) {
    if let problem = FileInspection(head: head[...], size: size).problem { throw StoreError(problem) }
    if let line = splitter.finish() {
      check.add(line, splitter.content)
      comments.read(splitter.content)
    }
    check.finishLines()
    if let worst = check.problems.first(where: { $0.severity == .refused }) {
      let refused = check.problems.count(where: { $0.severity == .refused })
      throw StoreError(worst, others: refused - 1)
    }
    var facts = StoredFacts(check.facts, comments)
    facts.tell(comments)
    facts.thumbnails = thumbnails.found
    return (facts, check.problems)
  }
}

extension StoredFacts {
  /// Puts together what the commands do and what the slicer meant; where both tell, the commands count.
  init(_ facts: FileFacts, _ comments: SlicerComments) {
    self.init()
    lines = facts.lines
    commands = facts.commands
    layers = facts.layers > 0 ? Int64(facts.layers) : comments.layers.map(Int64.init)
    slicer = comments.slicer.map { name in comments.version.map { "\(name) \($0)" } ?? name }
    printerModel = comments.printerModel
    nozzles = Self.used(comments.nozzles, tools: facts.tools, unused: 0)
    materials = Self.used(comments.filamentTypes, tools: facts.tools, unused: "")
    filamentMillimetres = comments.millimetres ?? (facts.filament > 0 ? facts.filament : nil)
    filamentGrams = comments.grams
    seconds = comments.seconds.flatMap { Int64(exactly: $0.rounded()) }
    if let x = facts.x, let y = facts.y, let z = facts.z {
      // Z from the bed, not from the first layer's height.
      extents = [
        x.most.value - x.least.value, y.most.value - y.least.value, max(z.most.value, 0),
      ]
    }
    toolTemperature = facts.hottestTool?.value ?? comments.nozzleTemperatures.max()
    bedTemperature = facts.hottestBed?.value ?? comments.bedTemperatures.max()
  }

  /// What is configured for tools that the file does not use asks nothing of a machine.
  private static func used<Value: Equatable>(_ values: [Value], tools: UInt32, unused: Value) -> [Value] {
    // A file that never names a tool prints with T0.
    let mask = tools == 0 ? 1 : tools
    var kept = values.prefix(32).enumerated().map { mask >> UInt32($0.offset) & 1 == 1 ? $0.element : unused }
    while kept.last == unused { kept.removeLast() }
    return kept
  }
}

extension StoreError {
  /// A file's problem as an error, with how many more there are of its kind.
  init(_ problem: FileProblem, others: Int = 0) {
    let more = others > 0 ? " There are \(others) more such lines or problems." : ""
    self.init(Code(rawValue: problem.code), problem.sentence + more)
  }
}
