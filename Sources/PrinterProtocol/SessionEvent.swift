/// What the shell has to do next, in order.
public enum SessionAction: Equatable, Sendable {
  /// This many bytes wait in `withPendingOutput`; they stay there until `wrote` takes them off.
  case write(Int)
  /// Discard what the kernel has not sent yet. The corresponding call is `tcflush(TCOFLUSH)`.
  case flushOutput
  /// Lower and raise DTR, which resets the board.
  case pulseDTR
  /// Close the port: nothing more is to be had from it at this speed.
  case closeLink
  /// Something happened.
  case event(SessionEvent)
}

/// Something that happened in a session. Progress is read from `progress`, not told by events.
public enum SessionEvent: Equatable, Sendable {
  /// The phase changed; the reason is empty where none is needed.
  case phaseChanged(SessionPhase, reason: String)
  /// The handshake is complete; `FIRMWARE_NAME` and its kin as the firmware wrote it.
  case connected(firmware: String)
  /// The job's first line may now be asked for.
  case jobStarted(token: UInt64)
  /// The job is over. `progress` holds where until the next job starts.
  case jobEnded(token: UInt64, JobEnd, fault: SessionFault?)
  /// The firmware asked for a line again (or said that it missed one); `fileLine` 0 for a line that is not the file's.
  case resend(lineNumber: Int64, fileLine: Int64, words: String)
  /// New temperatures are in `temperatures`.
  case temperatures
  /// Words of the firmware that are worth a log line.
  case message(String)
  /// The firmware asks a person; nil when the question is gone.
  case prompt(SessionPrompt?)
  /// Something went wrong that does not end the job, or no job runs.
  case fault(SessionFault)
  /// The firmware restarted: its banner or lost numbering was seen.
  case firmwareReset
  /// An emergency stop was answered by a kill reply or a banner within a second.
  case stopConfirmed
  /// An emergency stop stayed without an answer: the power has to be cut. A DTR pulse followed where the board resets by it.
  case stopUnconfirmed
  /// A line that the firmware gave in answer to a console line.
  case answerLine(token: UInt64, text: String)
  /// The console line or act with this token is finished; nil where it went well.
  case answered(token: UInt64, fault: SessionFault?)
  /// Progress of a print from SD that is not ours, in percent; nil when it is over.
  case sdProgress(percent: Int32?)
  /// What became of the link.
  case link(SessionLinkChange)
  /// Seen by opening the port: whether that resets the board.
  case openingResets(Bool)
}

/// What became of a link.
public enum SessionLinkChange: Equatable, Sendable {
  /// It is back, nothing was lost, and the job goes on; how long it was away in ns.
  case glitch(gap: Int64)
  /// The board was reset, or counts from somewhere else: nothing more of the job is sent.
  case reset(reason: String)
}
