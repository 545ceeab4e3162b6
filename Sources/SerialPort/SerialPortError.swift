/// Why a port cannot be opened or used any more: facts first, the sentence for a person derived from them.
public struct SerialPortError: Error, Equatable, Sendable {
  /// The kind of trouble, as a stable word for programs.
  public enum Code: String, Sendable {
    /// No such node, or a link to none.
    case missing = "port.missing"
    /// The user may not open it.
    case permission = "port.permission"
    /// Another program has it.
    case busy = "port.busy"
    /// A folder, file, FIFO, disk or a device that is not a terminal.
    case notATerminal = "port.notATerminal"
    /// The device went away, or its other end hung up.
    case unplugged = "port.unplugged"
    /// The adapter refuses the speed or the framing.
    case speed = "port.speed"
    /// Anything else; the errno tells.
    case io = "port.io"
  }

  /// The facts behind the code.
  public enum Reason: Equatable, Sendable {
    /// No node there; where the path is a dangling link, what it points to; and the ports that do exist.
    case missing(linkTarget: String?, existing: [String])
    /// Not allowed: who may, and whether joining a group or logging in again would help.
    case permission(PortPermission)
    /// In use by these processes; none are named when they belong to another user.
    case busy([PortHolder])
    /// Something else stands at the path.
    case notATerminal(FileKind)
    /// The device is gone.
    case unplugged
    /// The device node is still there, but the other end closed or the link was cut.
    case hungUp
    /// There is a node, but no hardware answers behind it.
    case noHardware
    /// The speed asked for, in bits per second, is refused.
    case speed(Int32)
    /// The adapter does not do 8 data bits without parity.
    case framing
    /// The process or the system has too many files open.
    case tooManyFiles
    /// None of the above.
    case other
  }

  /// What happened.
  public let reason: Reason
  /// The path as the user gave it.
  public let path: String
  /// The system call that told, for example `open` or `TCSETS2`.
  public let call: String
  /// Its errno; 0 where no call failed.
  public let errno: Int32

  /// An error about `path`, told by `call`.
  public init(_ reason: Reason, path: String, call: String, errno: Int32) {
    self.reason = reason
    self.path = path
    self.call = call
    self.errno = errno
  }

  /// The stable word for programs.
  public var code: Code {
    switch reason {
    case .missing: .missing
    case .permission: .permission
    case .busy: .busy
    case .notATerminal: .notATerminal
    case .unplugged, .hungUp, .noHardware: .unplugged
    case .speed, .framing: .speed
    case .tooManyFiles, .other: .io
    }
  }
}

/// What stands at a path, by `stat`.
public enum FileKind: String, Equatable, Sendable {
  /// A folder.
  case folder = "a folder"
  /// A regular file.
  case regularFile = "a regular file"
  /// A named pipe.
  case fifo = "a named pipe (FIFO)"
  /// A socket.
  case socket = "a socket"
  /// A block device.
  case disk = "a disk"
  /// A character device that has no terminal settings.
  case otherDevice = "a device, but not a serial port"
  /// A character device; whether it is a terminal shows when it is opened.
  case characterDevice = "a character device"
}

/// A process that has a port open.
public struct PortHolder: Equatable, Sendable {
  /// Its process number.
  public let pid: Int32
  /// Its name as the kernel has it (at most 15 bytes).
  public let name: String

  /// A process by number and name.
  public init(pid: Int32, name: String) {
    self.pid = pid
    self.name = name
  }
}

/// Who may open a node, seen from the user who may not.
public struct PortPermission: Equatable, Sendable {
  /// What would help.
  public enum Remedy: Equatable, Sendable {
    /// Joining the group that owns the node.
    case joinGroup
    /// Logging in again: the user is in the group, this session began earlier.
    case logInAgain
    /// Nothing by groups: the node's mode gives the group nothing, or the group is root's.
    case changeMode
    /// The node's mode would allow it: a container or a service's device rules forbid it.
    case outsideRules
  }

  /// The user's name.
  public let user: String
  /// The group that owns the node.
  public let group: String
  /// The node's permission bits.
  public let mode: UInt32
  /// What would help.
  public let remedy: Remedy

  /// The facts as found.
  public init(user: String, group: String, mode: UInt32, remedy: Remedy) {
    self.user = user
    self.group = group
    self.mode = mode
    self.remedy = remedy
  }
}
