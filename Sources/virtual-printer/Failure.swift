import CLinux
import Glibc

/// A system call that this program cannot do without failed.
struct Failure: Error {
  /// One sentence: what, on what, why.
  var sentence: String

  init(_ what: String, error: Int32) {
    var reason = "error \(error)"
    if let text = clinux_error_text(error) { reason = String(cString: text) }
    sentence = "\(what): \(reason)"
  }
}

/// Returns a call's result, or throws what it says below zero.
func checked(_ result: Int32, _ what: @autoclosure () -> String) throws(Failure) -> Int32 {
  if result < 0 { throw Failure(what(), error: -result) }
  return result
}

/// Writes all of a text, as far as the descriptor takes it.
func writeText(_ text: String, to descriptor: Int32) {
  var text = text
  text.withUTF8 { bytes in
    var done = 0
    while done < bytes.count {
      let written = write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if written < 0 && errno == EINTR { continue }
      if written <= 0 { return }
      done += written
    }
  }
}
