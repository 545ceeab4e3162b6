import Glibc

/// umockdev's library, for plugging and unplugging while a test runs. Loaded when it is asked for, so that building needs nothing
/// of it; works only below `umockdev-run` or `umockdev-wrapper`, which put its own sysfs under the process.
final class Umockdev {
  private typealias New = @convention(c) () -> OpaquePointer?
  private typealias AddText =
    @convention(c) (OpaquePointer, UnsafePointer<CChar>, UnsafeMutableRawPointer?) -> Int32
  private typealias Event = @convention(c) (OpaquePointer, UnsafePointer<CChar>, UnsafePointer<CChar>) -> Void
  private typealias Remove = @convention(c) (OpaquePointer, UnsafePointer<CChar>) -> Void

  private let library: UnsafeMutableRawPointer
  private let bed: OpaquePointer

  /// This process was started to plug and unplug.
  static var isLive: Bool { getenv("FABLINE_TESTBED").map { String(cString: $0) } == "live" }

  /// Nil where the library is not there or the process runs outside of it.
  init?() {
    guard getenv("FABLINE_TESTBED") != nil, let library = dlopen("libumockdev.so.0", RTLD_NOW) else {
      return nil
    }
    self.library = library
    guard let make = Umockdev.symbol(library, "umockdev_testbed_new", New.self), let bed = make() else {
      return nil
    }
    self.bed = bed
  }

  /// Adds devices, parents first, as in a `.umockdev` file, and tells of none of them.
  func add(_ text: String) -> Bool {
    guard let call = Umockdev.symbol(library, "umockdev_testbed_add_from_string", AddText.self) else {
      return false
    }
    return text.withCString { call(bed, $0, nil) } != 0
  }

  /// Sends what udev would send.
  func tell(_ action: String, _ path: String) {
    guard let call = Umockdev.symbol(library, "umockdev_testbed_uevent", Event.self) else { return }
    path.withCString { path in action.withCString { call(bed, path, $0) } }
  }

  /// Takes a device and what is below it away, and tells of none of them.
  func remove(_ path: String) {
    guard let call = Umockdev.symbol(library, "umockdev_testbed_remove_device", Remove.self) else { return }
    path.withCString { call(bed, $0) }
  }

  private static func symbol<Function>(
    _ library: UnsafeMutableRawPointer, _ name: String, _: Function.Type
  ) -> Function? {
    dlsym(library, name).map { unsafeBitCast($0, to: Function.self) }
  }
}
