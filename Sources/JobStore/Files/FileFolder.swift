import Crypto
import Foundation

/// The folder of stored files: `files/HASH.gcode`, read-only, named by the SHA-256 of their bytes.
struct FileFolder: Sendable {
  let path: String
  let disk: Disk

  var files: String { path + "/files" }
  var incoming: String { path + "/incoming" }

  func path(of hash: String) -> String { "\(files)/\(hash).gcode" }

  /// Throws `file.missing` or `file.changed` where the stored bytes are not there in their size; returns when they were
  /// last written to, in milliseconds since 1970.
  @discardableResult
  func look(at file: FileRecord) throws(StoreError) -> Int64 {
    let place = path(of: file.hash)
    var facts = stat()
    guard lstat(place, &facts) == 0 else {
      throw StoreError(
        .fileMissing,
        "the stored bytes of \(file.name) are gone (\(place): \(errnoWords(errno))); upload it again")
    }
    guard facts.st_mode & S_IFMT == S_IFREG, Int64(facts.st_size) == file.size else {
      throw StoreError(
        .fileChanged,
        "the stored bytes of \(file.name) were changed (\(place) has \(facts.st_size) bytes, not \(file.size)); upload it again"
      )
    }
    return Int64(facts.st_mtim.tv_sec) * 1000 + Int64(facts.st_mtim.tv_nsec) / 1_000_000
  }

  /// Reads the whole file and compares its hash. Throws `file.missing`, `file.changed`, `file.io`.
  func verify(_ file: FileRecord) throws(StoreError) {
    try look(at: file)
    var hasher = SHA256()
    try read(file.hash) { hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    guard hexadecimal(hasher.finalize()) == file.hash else {
      throw StoreError(
        .fileChanged,
        "the stored bytes of \(file.name) were changed (\(path(of: file.hash))); upload it again")
    }
  }

  /// Hands the stored bytes to `body` in pieces of 256 KiB.
  func read(_ hash: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) throws(StoreError) {
    let place = path(of: hash)
    let descriptor = open(place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      throw StoreError(.fileMissing, "\(place) cannot be read: \(errnoWords(errno))")
    }
    defer { close(descriptor) }
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256 << 10)
    defer { buffer.deallocate() }
    while true {
      let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw StoreError(.fileIO, "\(place) cannot be read: \(errnoWords(errno))") }
      body(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[..<count]))
    }
  }

  /// The hashes of all stored files, whoever knows of them.
  func hashes() -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: files)) ?? []).compactMap { name in
      guard name.hasSuffix(".gcode") else { return nil }
      let hash = String(name.dropLast(6))
      return hash.utf8.count == 64 && hash.utf8.allSatisfy(isLowerHexadecimal) ? hash : nil
    }.sorted()
  }
}

func isLowerHexadecimal(_ byte: UInt8) -> Bool {
  byte >= 0x30 && byte <= 0x39 || byte >= 0x61 && byte <= 0x66
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(
    decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
