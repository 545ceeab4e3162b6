// What libFuzzer runs: one function for each place where bytes from outside come in. FABLINE_FUZZ names the one to run.
//
// A target fails by trapping, and by a broken promise of the module: the same lines however the bytes are cut, a message
// that reads back as it was written, memory that does not grow. `.ci/fuzz` builds and runs them.

import DriverInterface
import GCode
import Glibc
import Multipart
import PrinterProtocol
import Thumbnail
import Toolpath

private let target = getenv("FABLINE_FUZZ").map { String(cString: $0) } ?? "replies"

/// One input for the target that is being run.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  switch target {
  case "replies": replies(bytes)
  case "grbl-replies": grblReplies(bytes)
  case "lines": lines(bytes)
  case "commands": commands(bytes)
  case "frames": frames(bytes)
  case "thumbnails": thumbnails(bytes)
  case "paths": paths(bytes)
  case "session": session(bytes, .marlin)
  case "grbl-session": session(bytes, .grbl)
  case "form": form(bytes)
  default: fatalError("no fuzz target \(target)")
  }
  return 0
}

/// The promise is broken: libFuzzer keeps the input.
private func demand(_ isKept: Bool, _ promise: StaticString) {
  if !isKept { fatalError("broken promise: \(promise)") }
}

/// Any bytes are replies, the same ones when they come byte by byte.
private func replies(_ bytes: [UInt8]) {
  var whole = ReplyParser()
  var single = ReplyParser()
  var position = 0
  var found: [Reply] = []
  while let reply = whole.next(in: bytes.span, at: &position) {
    demand(whole.line.count <= ReplyParser.longest, "a reply is bounded")
    found.append(reply)
    _ = whole.words.count
  }
  var next = 0
  for byte in bytes {
    var place = 0
    while let reply = single.next(in: [byte].span, at: &place) {
      demand(next < found.count && "\(reply)" == "\(found[next])", "replies do not depend on the pieces")
      next += 1
    }
  }
  demand(next == found.count, "no reply is lost in pieces")
}

/// Any bytes are replies of a GRBL: status reports, errors, alarms, words.
private func grblReplies(_ bytes: [UInt8]) {
  var parser = GrblReplyParser()
  var position = 0
  while parser.next(in: bytes.span, at: &position) != nil {
    demand(parser.line.count <= GrblReplyParser.longest, "a reply is bounded")
    _ = parser.words.count
  }
}

/// The same lines however the bytes are cut; the places cover the file without gaps.
private func lines(_ bytes: [UInt8]) {
  let cut = bytes.isEmpty ? 0 : Int(bytes[0]) % bytes.count
  var one = LineSplitter(maximumLength: 64)
  var two = LineSplitter(maximumLength: 64)
  var first: [(LineSplitter.Line, [UInt8])] = []
  var second: [(LineSplitter.Line, [UInt8])] = []
  func collect(_ splitter: inout LineSplitter, _ piece: [UInt8], _ into: inout [(LineSplitter.Line, [UInt8])])
  {
    var position = 0
    while let line = splitter.next(in: piece.span, at: &position) {
      into.append((line, Array(splitter.content)))
    }
  }
  collect(&one, bytes, &first)
  collect(&two, Array(bytes[..<cut]), &second)
  collect(&two, Array(bytes[cut...]), &second)
  if let line = one.finish() { first.append((line, Array(one.content))) }
  if let line = two.finish() { second.append((line, Array(two.content))) }
  demand(first.count == second.count, "lines do not depend on the pieces")
  var end: Int64 = 0
  for (a, b) in zip(first, second) {
    demand(a.0 == b.0 && a.1 == b.1, "lines do not depend on the pieces")
    demand(a.0.start == end && a.1.count <= 64, "places have no gaps, lines are bounded")
    end = a.0.end
  }
  demand(end == Int64(bytes.count), "every byte belongs to a line")
}

/// Whatever a file holds is checked, followed and cleaned.
private func commands(_ bytes: [UInt8]) {
  var check = FileCheck()
  check.update(bytes.span)
  check.finish()
  demand(check.problems.count <= 4096, "problems are bounded")
  var comments = SlicerComments()
  var state = ModalState()
  for piece in bytes.split(separator: 10) {
    let line = cleaned(piece)
    comments.read(piece)
    var kept: [UInt8] = []
    clean(piece, style: .semicolonAndParentheses, into: &kept)
    demand(kept.count <= piece.count, "cleaning never adds")
    if let command = Command(line) { _ = state.apply(command) }
  }
  _ = FileInspection(head: bytes[...], size: Int64(bytes.count))
}

/// Whatever stands in a file's comments is a picture that holds what it says, or none; any bytes are a QOI or none.
private func thumbnails(_ bytes: [UInt8]) {
  var reader = ThumbnailReader()
  var splitter = LineSplitter()
  func take(_ line: LineSplitter.Line, _ content: UnsafeBufferPointer<UInt8>) {
    reader.read(content, start: line.start, end: line.end)
  }
  bytes.withUnsafeBufferPointer { piece in
    _ = splitter.forEachLine(in: piece) { line, content in
      take(line, content)
      return true
    }
  }
  if let line = splitter.finish() { splitter.content.withUnsafeBufferPointer { take(line, $0) } }
  demand(reader.found.count <= ThumbnailReader.most, "thumbnails are bounded in number")
  for thumbnail in reader.found {
    let place = Int(thumbnail.offset)..<Int(thumbnail.offset) + thumbnail.length
    demand(place.upperBound <= bytes.count, "a thumbnail lies in its file")
    demand(thumbnail.picture(in: Array(bytes[place])) != nil, "a thumbnail reads back from its place")
  }
  // The header says how much is unpacked: small ones only, so that the run is about the tags.
  if let header = PictureHeader(bytes), header.width * header.height < 4096, let picture = QOIPicture(bytes) {
    let written = PNGEncoder.encode(picture.pixels, width: picture.width, height: picture.height)
    demand(PictureHeader(written)?.type == .png, "what was unpacked is written as PNG")
  }
}

/// Any file has finite figures, bounded layers that read back, and drawings.
private func paths(_ bytes: [UInt8]) {
  var whole = PathReading()
  var pieces = PathReading()
  let cut = bytes.isEmpty ? 0 : Int(bytes[0]) % bytes.count
  bytes.withUnsafeBufferPointer {
    whole.feed($0)
    pieces.feed(UnsafeBufferPointer(rebasing: $0[..<cut]))
    pieces.feed(UnsafeBufferPointer(rebasing: $0[cut...]))
  }
  let facts = whole.finish()
  demand(facts == pieces.finish(), "a path does not depend on the pieces")
  demand(facts.seconds.isFinite && facts.filament.allSatisfy(\.isFinite), "figures are finite")
  func path(_ index: Int, _ most: Int) -> LayerPath {
    let layer = facts.layers[index]
    demand(layer.offset <= layer.end && layer.end <= Int64(bytes.count), "a layer lies in its file")
    demand(Layer(record: layer.record[...]) == layer, "a layer reads back from its record")
    var path = LayerPath(layer.start, most: most)
    bytes[Int(layer.offset)..<Int(layer.end)].withUnsafeBufferPointer { path.feed($0) }
    path.finish()
    demand(path.lines.reduce(0) { $0 + $1.points.count } <= most, "a drawing is bounded")
    return path
  }
  guard var picture = PartPicture(of: facts) else { return }
  for index in picture.chosen { picture.add(path(index, 64).lines, layer: index) }
  _ = picture.finished()
  _ = LayerDrawing.svg(path(0, 64).lines, bounds: facts.bounds, title: "layer")
}

/// Whatever comes over the control socket is a message or an error, and a message reads back as it was written.
private func frames(_ bytes: [UInt8]) {
  var decoder = FrameDecoder(limit: 4096)
  decoder.receive(bytes)
  while let frame = try? decoder.next() {
    guard case .message(let message) = frame else { continue }
    var written: [UInt8] = []
    guard (try? message.encode(into: &written)) != nil else { continue }
    var second = FrameDecoder()
    second.receive(written)
    // By its bytes: a number that is none is not equal to itself.
    var again: [UInt8] = []
    if case .message(let copy)? = try? second.next() { try? copy.encode(into: &again) }
    demand(again == written, "a message reads back as it was written")
  }
}

/// The same parts, content and end however a form is cut, and the same error where it is none.
private func form(_ bytes: [UInt8]) {
  let cut = bytes.isEmpty ? 0 : Int(bytes[0]) % bytes.count
  let type = Array("multipart/form-data; boundary=XY".utf8)
  func read(_ pieces: [[UInt8]]) -> (heads: [PartHeader], content: [[UInt8]], error: MultipartError?) {
    var heads: [PartHeader] = []
    var content: [[UInt8]] = []
    guard var parser = try? MultipartParser(contentType: type) else {
      fatalError("broken promise: a boundary")
    }
    do throws(MultipartError) {
      for piece in pieces {
        var position = 0
        while let event = try parser.next(in: piece.span, at: &position) {
          switch event {
          case .part(let head):
            heads.append(head)
            content.append([])
          case .content(let range): content[content.count - 1] += piece[range]
          case .held(let count): content[content.count - 1] += parser.delimiter[..<count]
          case .partEnd, .end: break
          }
        }
      }
      try parser.finish()
      return (heads, content, nil)
    } catch { return (heads, content, error) }
  }
  let whole = read([bytes])
  let cuts = read([Array(bytes[..<cut]), Array(bytes[cut...])])
  let single = read(bytes.map { [$0] })
  demand(
    whole.error == cuts.error && whole.error == single.error, "a form is one, or none, however it is cut")
  demand(whole.heads == cuts.heads && whole.heads == single.heads, "parts do not depend on the pieces")
  guard whole.error == nil else { return }
  demand(
    whole.content == cuts.content && whole.content == single.content, "content does not depend on the pieces")
}

/// A printer that says anything at any time, in the middle of a job.
private func session(_ bytes: [UInt8], _ dialect: Dialect) {
  var configuration = SessionConfiguration()
  configuration.dialect = dialect
  configuration.resetsOnOpen = .no
  if dialect == .grbl { configuration.machineClass = .cnc }
  var session = MachineSession(configuration: configuration)
  var now: Int64 = 1_000_000_000
  var line: Int64 = 0
  func act() {
    var turns = 0
    while turns < 10_000 {
      turns += 1
      while let action = session.nextAction() {
        if case .write(let count) = action { session.wrote(count, now: now) }
      }
      guard session.wantsLine else { return }
      line += 1
      let text = Array("G1 X\(line % 50) Y\(line % 40) F3000".utf8)
      session.supply(line: text[...], fileLine: line, endOffset: line * 20, now: now)
    }
    fatalError("broken promise: a session comes to rest")
  }
  session.linkOpened(now: now)
  act()
  // What any healthy firmware says, so that a job can start.
  for word in [
    "ok", "ok", "ok", "FIRMWARE_NAME:Marlin 2.1", "ok", "ok T:20 /0", "ok", "Grbl 1.1h ['$' for help]", "ok",
    "<Idle|MPos:0,0,0|FS:0,0>",
  ] {
    now += 50_000_000
    session.receive(Array((word + "\r\n").utf8)[...], now: now)
    act()
  }
  try? session.startJob(JobStart(token: 1), now: now)
  act()
  for piece in bytes.split(separator: 0, omittingEmptySubsequences: false) {
    now += 10_000_000 + Int64(piece.count) * 90_000
    session.receive(piece, now: now)
    act()
    if let due = session.nextDeadline, piece.isEmpty {
      now = max(now, due)
      session.timeout(now: now)
      act()
    }
  }
}
