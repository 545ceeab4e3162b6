import DriverInterface
import GCode
import SerialPort

/// What the wire thread asks of the disk thread.
enum DiskOrder: Sendable {
  /// Open and look at a file; answered by `staged` with the same token.
  case stage(StagedAttempt, token: UInt64)
  /// Close a staged file.
  case unstage(AttemptID)
  /// Note the start in the journal, synced, and prefetch the file into the ring; answered by `startNoted`.
  case start(StagedAttempt, ByteRing)
  /// Prefetch the file of an attempt whose driver died into the ring, from this byte on, where it is still the same file.
  case goOn(StagedAttempt, ByteRing, from: Int64, modified: Int64)
  /// The job is over: close its file.
  case stopReading(AttemptID)
  /// Note an end or its acknowledgement in the journal, synced; answered by `noted` where a token is given.
  case note(DriverMessage, token: UInt64?)
  /// Note an anchor in the journal.
  case anchor(AttemptProgress, ResumePoint, at: Int64)
  /// Write the flight recorder to the state folder; answered by `dumped`.
  case dump(reason: String, file: [UInt8])
  /// Turn the wire log's file on or off.
  case wireLog(Bool)
  /// Lines for the wire log.
  case wireLines([String])
  /// Ask the system about the port's adapter and the computer's supply; answered by `looked`.
  case look(port: String, token: UInt64)
  /// Read a file to its end for the box in which it works; answered by `bounded`.
  case bounds(path: String, token: UInt64)
  /// One line for standard error.
  case log(at: Int64, String)
  /// Finish everything and end the thread; answered by `finished`.
  case finish
}

/// What the disk thread tells the wire thread.
enum DiskReport: Sendable {
  /// The first letter: what the journal says, and a sentence where it was damaged.
  case ready(JournalImage, damage: String?)
  /// The first letter instead: there is no journal to be had.
  case unready(Fault)
  /// The file is open and looks like G-code, or why not.
  case staged(token: UInt64, fault: Fault?)
  /// The start is on the disk and lines may be sent, or why not; and when the file was last changed.
  case startNoted(AttemptID, modified: Int64, fault: Fault?)
  /// A record is on the disk.
  case noted(token: UInt64, fault: Fault?)
  /// The running job's file changed or cannot be read on.
  case sourceFailed(AttemptID, Fault)
  /// The flight recorder stands in this file.
  case dumped(path: String)
  /// The box in which the file works; nil where it cannot be read.
  case bounded(token: UInt64, WorkBounds?)
  /// What the system says about the port's adapter and the computer's supply.
  case looked(token: UInt64, PortSurroundings)
  /// Something of the disk's own that a person should know.
  case trouble(Fault)
  /// Everything is written; the thread ends.
  case finished
}
