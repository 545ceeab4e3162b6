#if hasFeature(Embedded)
  import Glibc

  /// What Swift's library has under this name and Embedded Swift does not: the words this process was started with.
  ///
  /// The kernel keeps them with a zero byte behind each: proc_pid_cmdline(5).
  enum CommandLine {
    /// The program's own name first; empty where /proc is not mounted.
    static var arguments: [String] {
      let file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { return [] }
      defer { close(file) }
      return SocketArguments.words(from: file)
    }
  }
#endif
