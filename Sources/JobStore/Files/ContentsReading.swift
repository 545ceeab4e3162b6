import Foundation
import GCode
import Thumbnail
import Toolpath

/// What following a file's path found, besides the facts that its record holds.
public struct FileContents: Sendable {
  /// The reading that made it; what an older one found is made anew.
  static let version: Int64 = 1

  /// Layers, time, filament by tool, extents.
  public var path: PathFacts
  /// A picture of the part as SVG; nil where nothing is laid down.
  public var picture: String?
}

/// One pass over a stored file for its contents: comments, thumbnails, path; then its picture from the layers' places.
struct ContentsReading {
  private let folder: FileFolder
  private let hash: String
  /// A rest after each piece, so that disk and memory are left to a print that runs, in microseconds.
  private let rest: UInt32

  init(folder: FileFolder, hash: String, rest: UInt32) {
    self.folder = folder
    self.hash = hash
    self.rest = rest
  }

  /// What was found, and the facts that the slicer told.
  struct Found: Sendable {
    var contents: FileContents
    var comments: SlicerComments
    var thumbnails: [Thumbnail]
  }

  func run() throws(StoreError) -> Found {
    var path = PathReading()
    var comments = SlicerComments()
    var thumbnails = ThumbnailReader()
    var splitter = LineSplitter()
    try folder.read(hash) { bytes in
      path.feed(bytes)
      splitter.forEachLine(in: bytes) { line, content in
        if content.first == 0x3B {
          comments.read(content)
          thumbnails.read(content, start: line.start, end: line.end)
        }
        return true
      }
      if rest > 0 { usleep(rest) }
    }
    if splitter.finish() != nil { comments.read(splitter.content) }
    let facts = path.finish()
    let picture = try picture(of: facts)
    return Found(
      contents: FileContents(path: facts, picture: picture), comments: comments, thumbnails: thumbnails.found)
  }

  private func picture(of facts: PathFacts) throws(StoreError) -> String? {
    guard var picture = PartPicture(of: facts) else { return nil }
    for index in picture.chosen {
      let path = try folder.path(
        of: hash, facts.layers[index], most: picture.pointsALayer, kinds: picture.kinds(of: index))
      picture.add(path.lines, layer: index)
      if rest > 0 { usleep(rest) }
    }
    return picture.finished()
  }
}

extension FileFolder {
  /// The lines of one layer, read from its place.
  func path(
    of hash: String, _ layer: Layer, most: Int, kinds: Set<PathKind> = Set(PathKind.allCases)
  ) throws(StoreError) -> LayerPath {
    var path = LayerPath(layer.start, most: most, kinds: kinds)
    try read(hash, from: layer.offset, to: layer.end) { path.feed($0) }
    path.finish()
    return path
  }

  /// Hands a part of the stored bytes to `body` in pieces of 256 KiB.
  func read(
    _ hash: String, from start: Int64, to end: Int64, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) throws(StoreError) {
    let place = path(of: hash)
    let descriptor = open(place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      throw StoreError(.fileMissing, "\(place) cannot be read: \(errnoWords(errno))")
    }
    defer { close(descriptor) }
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256 << 10)
    defer { buffer.deallocate() }
    var offset = start
    while offset < end {
      let count = pread(descriptor, buffer.baseAddress, min(buffer.count, Int(end - offset)), off_t(offset))
      if count == 0 { return }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw StoreError(.fileIO, "\(place) cannot be read: \(errnoWords(errno))") }
      body(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[..<count]))
      offset += Int64(count)
    }
  }
}
