import DriverInterface
import GCode

extension WorkBounds {
  /// Reads a file to its end; used by the disk thread, which it may hold up.
  static func read(_ path: String, _ opener: SourceOpener) throws(Fault) -> WorkBounds {
    let source = try opener(path)
    var bounds = WorkBounds()
    var splitter = LineSplitter()
    let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * 1024, alignment: 16)
    defer { space.deallocate() }
    while true {
      switch source.read(into: space) {
      case .bytes(let count):
        let bytes = UnsafeBufferPointer(
          rebasing: UnsafeRawBufferPointer(space).assumingMemoryBound(to: UInt8.self)[..<count])
        _ = splitter.forEachLine(in: bytes) { _, line in
          bounds.read(line)
          return true
        }
      case .end:
        if splitter.finish() != nil { splitter.content.withUnsafeBufferPointer { bounds.read($0) } }
        return bounds
      case .failed(let number):
        throw Fault(
          code: "file.unreadable", sentence: "\(path) cannot be read: \(systemWords(number))", scope: .job)
      }
    }
  }
}
