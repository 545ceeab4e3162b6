/// One pass over a file before it is taken or printed: its problems, and what it is about.
///
/// Feed it pieces of any size, or lines that a `LineSplitter` cut; memory stays flat whatever the file, and the kept
/// problems are bounded: `maximumPerCode` of each kind are kept and all are counted. Nothing is allocated per line.
///
///     var check = FileCheck(limits: FileCheckLimits(maximumTool: 275))
///     while let piece = readMore() { check.update(piece.span) }
///     check.finish()
///     if check.verdict == .refused { tell(check.problems) }
public struct FileCheck: Sendable {
  /// How many problems of one code are kept.
  public static let maximumPerCode = 5

  /// What the machine allows.
  public let limits: FileCheckLimits
  /// The problems found, in the order of the file; at most `maximumPerCode` of each code.
  public internal(set) var problems: [FileProblem] = []
  /// How many problems there are, kept or not.
  public internal(set) var problemCount: Int64 = 0
  /// What the file is about. Whole after `finish`.
  public internal(set) var facts = FileFacts()

  var splitter = LineSplitter()
  var state: ModalState
  var command = Command()
  var seen: Seen = []
  var layerChanges: Int32 = 0
  var layerNumbers: Int32 = 0
  var heights: Int32 = 0
  var highest = -Double.infinity
  private var counts = FindingCounts()
  /// The longest cleaned line allowed, and the count of commands from which it has to be computed anew.
  var longestAllowed: Int
  var widenAt: Int64

  /// What was seen so far, for the problems that are told once.
  struct Seen: OptionSet, Sendable {
    let rawValue: UInt16
    static let homing = Seen(rawValue: 1)
    static let extruderMode = Seen(rawValue: 2)
    static let heat = Seen(rawValue: 4)
    static let moved = Seen(rawValue: 8)
    static let extruded = Seen(rawValue: 16)
    static let layerMark = Seen(rawValue: 32)
  }

  /// Makes a check against a machine's limits.
  public init(limits: FileCheckLimits = FileCheckLimits()) {
    self.limits = limits
    state = ModalState(extruderRule: limits.extruderRule)
    longestAllowed = limits.line.content(widestNumber: limits.widestNumber)
    // Polls and console lines are numbered too: twice the commands is a number that no job reaches.
    widenAt = max(1, limits.widestNumber / 2)
  }

  /// The gravest severity found; nil where nothing was found.
  public private(set) var verdict: FileProblem.Severity?

  /// Reads the next piece of the file.
  public mutating func update(_ bytes: Span<UInt8>) {
    bytes.withUnsafeBufferPointer { update($0) }
  }

  /// Reads the next piece of the file.
  public mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
    // The splitter is taken out while it runs, so that the closure may change the rest of `self`.
    var splitter = self.splitter
    self.splitter = LineSplitter(maximumLength: 1)
    splitter.forEachLine(in: bytes) { line, content in
      check(line, content)
      return true
    }
    self.splitter = splitter
  }

  /// Ends the file: the last line, and what only the whole file shows.
  public mutating func finish() {
    if let line = splitter.finish() {
      let content = splitter.content
      content.withUnsafeBufferPointer { check(line, $0) }
    }
    facts.bytes = splitter.offset
    finishFacts()
  }

  /// Reads one line that another splitter cut; for whoever needs the lines as well. Do not mix with `update`.
  public mutating func add(_ line: LineSplitter.Line, _ content: ArraySlice<UInt8>) {
    content.withUnsafeBufferPointer { check(line, $0) }
    facts.bytes = line.end
  }

  /// The same with the bytes where the splitter found them.
  public mutating func add(_ line: LineSplitter.Line, _ content: UnsafeBufferPointer<UInt8>) {
    check(line, content)
    facts.bytes = line.end
  }

  /// Ends a file whose lines came by `add`.
  public mutating func finishLines() { finishFacts() }

  private mutating func finishFacts() {
    let marks = max(layerChanges, layerNumbers)
    facts.layers = marks > 0 ? marks : heights
    checkWhole()
  }

  @inline(__always)
  private mutating func check(_ line: LineSplitter.Line, _ content: UnsafeBufferPointer<UInt8>) {
    facts.lines &+= 1
    guard content.count > 0 else { return }
    let range = cleanedRange(content)
    if hasOddBytes(content) { checkBytes(line, content, range) }
    if range.isEmpty {
      if let mark = LayerMark.read(content) { note(mark) }
      return
    }
    if content[0] == ASCII.semicolon, let mark = LayerMark.read(content) { note(mark) }
    checkCommand(line, UnsafeBufferPointer(rebasing: content[range]))
  }

  @inline(__always)
  private mutating func checkCommand(_ line: LineSplitter.Line, _ cleaned: UnsafeBufferPointer<UInt8>) {
    facts.commands &+= 1
    if cleaned.count > longestAllowed { report(tooLong: line, cleaned) }
    if Double(cleaned.count) > facts.longest?.value ?? 0 {
      facts.longest = FileFacts.Peak(value: Double(cleaned.count), line: line.number)
    }
    if facts.commands >= widenAt { widen() }
    guard command.read(cleaned), command.isKnownLetter else {
      checkWords(line, cleaned)
      return
    }
    if command.carriesNumber { report(numbered: line) }
    if command.carriesCommand, !limits.severalCommandsALine { report(twoCommands: line) }
    if let move = state.apply(command) {
      follow(move, line.number)
    } else {
      checkOther(line)
    }
  }

  /// Files longer than expected get wider numbers, and so less room in a line.
  private mutating func widen() {
    let (twice, overflow) = facts.commands.multipliedReportingOverflow(by: 20)
    widenAt = overflow ? .max : twice / 2
    longestAllowed = limits.line.content(widestNumber: overflow ? .max : twice &- 1)
  }

  private mutating func note(_ mark: LayerMark) {
    switch mark {
    case .change: layerChanges = layerChanges &+ 1
    case .number: layerNumbers = layerNumbers &+ 1
    case .count: return
    }
    guard !seen.contains(.layerMark) else { return }
    // What was extruded so far was a purge line, often beside the bed.
    seen.insert(.layerMark)
    facts.x = nil
    facts.y = nil
    facts.z = nil
  }

  /// Counts a finding; whether it is among the first of its kind and so worth a sentence.
  mutating func admits(_ finding: FileFinding) -> Bool {
    problemCount &+= 1
    verdict = max(verdict ?? finding.severity, finding.severity)
    return counts.add(finding) < Int64(Self.maximumPerCode)
  }

  /// Keeps a finding that was admitted.
  mutating func keep(_ finding: FileFinding, _ line: Int64?, _ sentence: String) {
    problems.append(
      FileProblem(code: finding.code, severity: finding.severity, line: line, sentence: sentence))
  }
}

/// Whether there is a byte that G-code text does not have: control bytes but tab, and bytes above 126.
@inline(__always)
func hasOddBytes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  guard let base = bytes.baseAddress else { return false }
  let raw = UnsafeRawPointer(base)
  let blanks: UInt64 = 0x2020_2020_2020_2020
  let highs: UInt64 = 0x8080_8080_8080_8080
  var odd: UInt64 = 0
  var index = 0
  while index &+ 8 <= bytes.count {
    let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    odd |= ((word &- blanks) & ~word) | word
    index &+= 8
  }
  var found = odd & highs != 0
  while index < bytes.count {
    found = found || base[index] < ASCII.space || base[index] > 126
    index &+= 1
  }
  return found
}
