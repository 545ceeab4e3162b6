/// The printer's end of the cable, whoever laid it.
enum PrinterPort {
  /// A terminal of our own.
  case pseudo(PseudoPort)
  /// One that was there before us.
  case attached(AttachedPort)

  /// As the command line asks for it.
  init(_ options: Options) throws(Failure) {
    if let path = options.attach {
      self = .attached(try AttachedPort(path: path, baud: options.profile.baud))
    } else {
      self = .pseudo(try PseudoPort(link: options.link))
    }
  }

  /// What is read from and written to; below zero while there is nothing.
  var descriptor: Int32 {
    switch self {
    case .pseudo(let port): port.descriptor
    case .attached(let port): port.descriptor
    }
  }

  /// Where hosts open it, or where the other end is looked for.
  var path: String {
    switch self {
    case .pseudo(let port): port.path
    case .attached(let port): port.path
    }
  }

  /// The speed that the host has set, bits/s; 0 when it cannot be told.
  var speed: Int64 {
    if case .pseudo(let port) = self { port.speed } else { 0 }
  }

  /// Whether a host is there, as far as the cable tells: of a socket or somebody else's terminal, that the other end is.
  mutating func isOpen() -> Bool {
    switch self {
    case .pseudo(let port): return port.isOpen
    case .attached(var port):
      defer { self = .attached(port) }
      return port.isOpen()
    }
  }

  /// The cable is put in again.
  mutating func plugIn() throws(Failure) {
    switch self {
    case .pseudo(var port):
      try port.plugIn()
      self = .pseudo(port)
    case .attached(var port):
      port.plugIn()
      self = .attached(port)
    }
  }

  /// The cable is pulled.
  mutating func unplug() {
    switch self {
    case .pseudo(var port):
      port.unplug()
      self = .pseudo(port)
    case .attached(var port):
      port.unplug()
      self = .attached(port)
    }
  }

  /// The host has gone: a terminal of our own waits for the next one, another's is opened anew.
  mutating func hostHasGone() {
    guard case .attached(var port) = self else { return }
    port.letGo()
    self = .attached(port)
  }
}
