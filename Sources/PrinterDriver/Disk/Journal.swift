import CLinux
import DriverInterface
import Glibc

/// The journal's file, on the disk thread.
///
/// Appended to record by record; a record that must not be lost is followed by `fdatasync`. Where it has grown it is written
/// anew beside itself, synced, renamed over the old one, and the folder synced: at every moment one whole journal stands there.
///
/// Wear: an anchor is progress and resume point, 300 to 512 bytes together (`JournalTests`), with one sync, at most one every
/// 5 s, or 2 s at layer changes (`DriverConfiguration.anchors`). A day of printing without a pause makes 17,280 of them, at
/// most 9 MB, and 43,200 or 22 MB if each came from a layer change; the file is written anew 34 to 86 times. A card writes 4 KB
/// at least for each sync, and a file system about as much for itself: 140 to 350 MB a day, some 100 GB a year. A card of
/// 16 GB that is good for 500 rounds takes 8 TB.
final class Journal {
  /// The size at which it is written anew, in bytes.
  static let longest = 256 * 1024

  private let folder: String
  private let path: String
  private var descriptor: Int32
  private var size: Int64
  /// What the file says.
  private(set) var image: JournalImage
  /// A sentence where the file was damaged before its end; nil for a sound or merely torn one.
  let damage: String?

  /// Opens or makes `FOLDER/journal`, reads it and cuts a torn tail.
  init(folder: String) throws(Fault) {
    self.folder = folder
    self.path = folder + "/journal"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o600)
    guard descriptor >= 0 else { throw Journal.fault("open", path, errno) }
    var node = stat()
    guard fstat(descriptor, &node) == 0, node.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Fault(code: "journal.io", sentence: "\(path) is not a regular file", scope: .process)
    }
    let bytes = try Journal.wholeFile(descriptor, path)
    var image = JournalImage()
    let good = image.replay(bytes[...])
    var damage: String?
    if good < bytes.count {
      damage = Journal.keepDamaged(bytes, good: good, path: path)
      guard ftruncate(descriptor, off_t(good)) == 0, fdatasync(descriptor) == 0 else {
        let number = errno
        close(descriptor)
        throw Journal.fault("ftruncate", path, number)
      }
    }
    self.descriptor = descriptor
    self.size = Int64(good)
    self.image = image
    self.damage = damage
  }

  deinit { close(descriptor) }

  /// Appends a record; with `sync` it is on the disk when this returns.
  ///
  /// After an error the file is as it was before.
  func append(_ message: DriverMessage, sync: Bool) throws(Fault) {
    if size > Journal.longest { try rewrite() }
    let bytes = JournalImage.bytes(of: message)
    do throws(Fault) {
      try Journal.write(bytes, to: descriptor, path)
      if sync, fdatasync(descriptor) != 0 { throw Journal.fault("fdatasync", path, errno) }
    } catch {
      // A half-written record would hide all that come after it.
      _ = ftruncate(descriptor, off_t(size))
      throw error
    }
    size += Int64(bytes.count)
    image.apply(message)
  }

  private func rewrite() throws(Fault) {
    let fresh = path + ".new"
    let file = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_APPEND, 0o600)
    guard file >= 0 else { throw Journal.fault("open", fresh, errno) }
    var bytes: [UInt8] = []
    for record in image.records { bytes += JournalImage.bytes(of: record) }
    do throws(Fault) {
      try Journal.write(bytes, to: file, fresh)
      guard fsync(file) == 0 else { throw Journal.fault("fsync", fresh, errno) }
      guard rename(fresh, path) == 0 else { throw Journal.fault("rename", fresh, errno) }
    } catch {
      close(file)
      unlink(fresh)
      throw error
    }
    syncFolder(folder)
    close(descriptor)
    descriptor = file
    size = Int64(bytes.count)
  }

  // MARK: - The system

  private static func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws(Fault) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(file, $0.baseAddress?.advanced(by: done), $0.count - done)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw fault("write", path, errno)
      }
      done += count
    }
  }

  private static func wholeFile(_ file: Int32, _ path: String) throws(Fault) -> [UInt8] {
    var bytes: [UInt8] = []
    var space = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(file, &space, space.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        let number = errno
        close(file)
        throw fault("read", path, number)
      }
      bytes += space[..<count]
    }
  }

  /// Keeps what is cut off beside the journal where it is more than one torn record; the sentence that says so.
  private static func keepDamaged(_ bytes: [UInt8], good: Int, path: String) -> String? {
    // A torn tail is one record that was never synced: nothing in it was promised to anyone.
    var later = JournalImage()
    let tail = bytes[good...]
    let holdsMore = (1..<max(1, tail.count)).contains { later.replay(tail.dropFirst($0)) > 0 }
    guard holdsMore else { return nil }
    let copy = path + ".damaged"
    let file = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    if file >= 0 {
      try? write(bytes, to: file, copy)
      close(file)
    }
    return "\(path) is damaged at byte \(good); what follows is not used and is kept in \(copy)"
  }

  static func fault(_ call: String, _ path: String, _ number: Int32) -> Fault {
    let words = systemWords(number)
    let advice = number == ENOSPC ? ": free some space on its disk" : ""
    return Fault(
      code: "journal.io", sentence: "\(call) of \(path) failed: \(words)\(advice)", scope: .process)
  }
}

/// What the system says about an error number.
func systemWords(_ number: Int32) -> String {
  guard let words = clinux_error_text(number) else { return "error \(number)" }
  return String(cString: words)
}

/// Makes a rename in this folder last through a power cut. The corresponding call is `fsync` of the folder.
func syncFolder(_ path: String) {
  let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard folder >= 0 else { return }
  _ = fsync(folder)
  close(folder)
}
