import SerialPort
import CLinux
import DriverInterface
import Glibc

/// One printer's driver: the wire thread, which is the caller's, and the disk thread.
public enum PrinterDriver {
  /// Runs until told to end by a signal or a client.
  ///
  /// Returns 0 after an end in order. Throws before anything is touched: `driver.running` where another driver has the
  /// socket, `driver.folder`, `driver.socket`, `journal.io` where files cannot be made. A port that is missing or busy is no
  /// error here: the driver keeps trying, and tells.
  public static func run(
    _ configuration: DriverConfiguration,
    opener: @escaping SourceOpener = { (path) throws(Fault) in try FileSource(path: path) }
  ) throws(Fault) -> Int32 {
    for folder in [configuration.stateFolder, configuration.runFolder, parent(of: configuration.socketPath)] {
      try makeFolder(folder)
    }
    let control = try ControlSocket(path: configuration.socketPath)
    if configuration.takesSignals { WireDescriptors.blockSignals() }
    // Two threads that allocate nothing for a line need no heap each; to be said before the second one is started.
    _ = clinux_heap_limit(1)
    guard let orders = Mailbox<DiskOrder>(), let reports = Mailbox<DiskReport>() else {
      throw Fault(code: "driver.descriptors", sentence: "no descriptors left for the driver", scope: .process)
    }
    let descriptors = try WireDescriptors(
      listener: control.descriptor, bell: reports.bell, takesSignals: configuration.takesSignals)
    let start = DiskThread.Start(
      machine: configuration.machine, folder: configuration.stateFolder, opener: opener, orders: orders,
      reports: reports)
    guard DiskThread.begin(start) else {
      throw Fault(code: "driver.thread", sentence: "the disk thread cannot be started", scope: .process)
    }
    let (image, damage) = try awaitJournal(reports)
    let page = try ProgressPage(path: configuration.pagePath)
    let loop = WireLoop(
      configuration: configuration, control: control, page: page, descriptors: descriptors, orders: orders,
      reports: reports, image: image)
    loop.log("driver \(driverVersion) for \(configuration.port) at \(configuration.serial.baud) baud")
    if let refusal = takeRealtimePriority(configuration.realtimePriority) { loop.tell(refusal) }
    if let damage { loop.tell(Fault(code: "journal.damaged", sentence: damage, scope: .process)) }
    if let open = image.open { loop.adoptOrphan(open, anchor: image.progress, opener: opener) }
    clinux_heap_trim()
    return loop.run()
  }

  /// The disk thread's first letter. Nothing else can happen before it, so waiting is right here.
  private static func awaitJournal(_ reports: Mailbox<DiskReport>) throws(Fault) -> (JournalImage, String?) {
    while true {
      var bell = pollfd(fd: reports.bell, events: Int16(POLLIN), revents: 0)
      _ = poll(&bell, 1, -1)
      for letter in reports.takeAll() {
        if case .ready(let image, let damage) = letter { return (image, damage) }
        if case .unready(let fault) = letter { throw fault }
      }
    }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Makes a folder and those above it, for this user only.
  private static func makeFolder(_ path: String) throws(Fault) {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    if errno == ENOENT, parent(of: path) != path {
      try makeFolder(parent(of: path))
      if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    }
    let words = systemWords(errno)
    throw Fault(
      code: "driver.folder", sentence: "the folder \(path) cannot be made: \(words)", scope: .process)
  }
}
