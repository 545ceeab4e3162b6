import CLinux
import Glibc
import Testing

// The C layer by itself: what it promises about results, descriptors and times.
@Suite struct CLinuxTests {
  @Test("Failures come back as minus errno")
  func failures() {
    var termios = clinux_termios()
    #expect(clinux_termios_get(-1, &termios) == -EBADF)
    #expect(clinux_modem_get(-1) == -EBADF)
    #expect(clinux_epoll_add(-1, 0, CLINUX_EPOLLIN, 0) == -EBADF)
    #expect(clinux_unix_connect(-1, String(repeating: "x", count: 108)) == -ENAMETOOLONG)
    #expect(clinux_unix_connect(-1, String(repeating: "x", count: 107)) == -EBADF)
    #expect(clinux_pidfd_open(-1) == -EINVAL)
    #expect(clinux_send(-1, "x", 1) == -EBADF)
  }

  @Test("Control characters beyond the array are neither read nor written")
  func bounds() {
    var termios = clinux_termios()
    for index in [-1, 19, Int32.max] {
      clinux_termios_set_cc(&termios, index, 0xFF)
      #expect(clinux_termios_cc(&termios, index) == 0)
    }
  }

  @Test("Epoll gives back tokens; an eventfd sums up; a timer is due at its absolute time")
  func eventLoop() throws {
    let (epoll, bell, timer) = (clinux_epoll_create(), clinux_eventfd_create(), clinux_timerfd_create())
    defer { for fd in [epoll, bell, timer] { close(fd) } }
    for fd in [epoll, bell, timer] { #expect(fcntl(fd, F_GETFD) & FD_CLOEXEC != 0) }
    try #require(clinux_epoll_add(epoll, bell, CLINUX_EPOLLIN, UInt64.max) == 0)
    try #require(clinux_epoll_add(epoll, timer, CLINUX_EPOLLIN, 2) == 0)
    var events = [clinux_epoll_event](repeating: clinux_epoll_event(), count: 4)
    #expect(clinux_epoll_wait(epoll, &events, 4, 0) == 0)
    var sum: UInt64 = 0
    #expect(clinux_eventfd_take(bell, &sum) == -EAGAIN)
    clinux_eventfd_add(bell, 2)
    clinux_eventfd_add(bell, 3)
    #expect(clinux_epoll_wait_ns(epoll, &events, 4, -1) == 1)
    #expect(events[0].token == UInt64.max)
    #expect(events[0].events == CLINUX_EPOLLIN)
    #expect(clinux_eventfd_take(bell, &sum) == 0)
    #expect(sum == 5)
    #expect(clinux_timerfd_set(timer, clinux_monotonic_ns() - 1) == 0)
    #expect(clinux_epoll_wait(epoll, &events, 4, 10_000) == 1)
    #expect(events[0].token == 2)
    #expect(clinux_timerfd_take(timer, &sum) == 0)
    #expect(sum == 1)
    #expect(clinux_timerfd_take(timer, &sum) == -EAGAIN)
    #expect(clinux_timerfd_set(timer, clinux_monotonic_ns() + 3_600_000_000_000) == 0)
    #expect(clinux_timerfd_set(timer, 0) == 0)
    #expect(clinux_epoll_wait(epoll, &events, 4, 0) == 0)
    #expect(clinux_epoll_remove(epoll, bell) == 0)
  }

  @Test("A child runs in its own session, with the descriptors given and no other; its end is seen")
  func spawning() throws {
    var output: [Int32] = [0, 0]
    try #require(pipe(&output) == 0)
    // Inheritable on purpose: the child must not have it all the same.
    let stray = open("/dev/null", O_RDONLY)
    defer { for fd in [output[0], stray] { close(fd) } }
    // No pipe in the script: the shell's own ends of it would be listed now and then. The 3 is ls's own,
    // for the folder that it reads.
    let script = "ls /proc/self/fd; cut -d ' ' -f 6 /proc/self/stat; exit 7"
    let words = (["sh", "-c", script] as [String]).map { strdup($0) }
    let pid = clinux_spawn("/bin/sh", words + [nil], nil, -1, output[1], -1, CLINUX_SPAWN_OWN_SESSION)
    words.forEach { free($0) }
    close(output[1])
    try #require(pid > 0)
    let pidfd = clinux_pidfd_open(pid)
    defer { close(pidfd) }
    try wait(pidfd, for: POLLIN)
    var end = clinux_exit()
    #expect(clinux_pidfd_wait(pidfd, 1, &end) == 0)
    #expect(end.pid == pid)
    #expect(end.status == 7)
    #expect(end.signal == 0)
    #expect(clinux_pidfd_wait(pidfd, 0, &end) == -ECHILD)
    #expect(try text(of: output[0]) == "0\n1\n2\n3\n\(pid)\n")
  }

  @Test("A child killed by a signal says which; one that cannot start is an errno")
  func killed() throws {
    let words = (["cat"] as [String]).map { strdup($0) }
    defer { words.forEach { free($0) } }
    var input: [Int32] = [0, 0]
    try #require(pipe(&input) == 0)
    defer { for fd in input { close(fd) } }
    let pid = clinux_spawn("/bin/cat", words + [nil], nil, input[0], -1, -1, 0)
    let pidfd = clinux_pidfd_open(pid)
    defer { close(pidfd) }
    var end = clinux_exit()
    #expect(clinux_pidfd_wait(pidfd, 0, &end) == 0)
    #expect(end.pid == 0)
    #expect(clinux_pidfd_signal(pidfd, SIGKILL) == 0)
    #expect(clinux_pid_wait(pid, 1, &end) == 0)
    #expect(end.signal == SIGKILL)
    #expect(clinux_spawn("/no/such/program", words + [nil], nil, -1, -1, -1, 0) == -ENOENT)
  }

  @Test("The peer of a Unix socket is known; a closed peer is EPIPE, not a signal")
  func sockets() throws {
    let folder = try TemporaryFolder()
    let path = folder.make("control.sock")
    let (listener, client) = (clinux_unix_socket(0), clinux_unix_socket(1))
    defer { for fd in [listener, client] { close(fd) } }
    #expect(clinux_unix_bind(listener, path) == 0)
    #expect(listen(listener, 4) == 0)
    #expect(clinux_accept(listener, 0) == -EAGAIN)
    #expect(clinux_unix_connect(client, path) == 0)
    let served = clinux_accept(listener, 0)
    try #require(served >= 0)
    #expect(fcntl(served, F_GETFL) & O_NONBLOCK != 0)
    var peer = clinux_peer()
    #expect(clinux_peer_credentials(served, &peer) == 0)
    #expect(peer.pid == getpid())
    #expect(peer.uid == geteuid())
    close(served)
    #expect(clinux_send(client, "x", 1) == -EPIPE)
  }

  @Test("Two maps of one file are one memory")
  func sharedMemory() throws {
    let folder = try TemporaryFolder()
    let fd = open(folder.make("page"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(fd) }
    #expect(clinux_allocate(fd, 0, 4096) == 0)
    var (first, second): (UnsafeMutableRawPointer?, UnsafeMutableRawPointer?)
    #expect(clinux_map_shared(fd, 4096, 1, &first) == 0)
    #expect(clinux_map_shared(fd, 4096, 0, &second) == 0)
    let written = try #require(first)
    let read = try #require(second)
    clinux_store_release(written.assumingMemoryBound(to: UInt64.self), 42)
    #expect(clinux_load_acquire(read.assumingMemoryBound(to: UInt64.self)) == 42)
    #expect(clinux_unmap(written, 4096) == 0)
    #expect(clinux_unmap(read, 4096) == 0)
    #expect(clinux_map_shared(-1, 4096, 1, &first) == -EBADF)
    #expect(first == nil)
  }

  @Test("Errors have names and words")
  func words() throws {
    #expect(String(cString: try #require(clinux_error_name(EBUSY))) == "EBUSY")
    #expect(String(cString: try #require(clinux_error_text(EBUSY))) == "Device or resource busy")
    #expect(clinux_error_name(99_999) == nil)
  }

  private func text(of fd: Int32) throws -> String {
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 256)
    while true {
      let count = Glibc.read(fd, &piece, piece.count)
      try #require(count >= 0)
      if count == 0 { return String(decoding: all, as: UTF8.self) }
      all += piece[..<count]
    }
  }

  /// A page in the middle of the largest code is there once it was read, gone behind the call, and reads the same again.
  @Test func codeIsLetGoAndComesBack() throws {
    let maps = try #require(fopen("/proc/self/maps", "r"))
    defer { fclose(maps) }
    var line = [CChar](repeating: 0, count: 512)
    var largest: Range<UInt> = 0..<1
    while fgets(&line, 512, maps) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let words = text.split(separator: " ")
      let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      guard words.count > 5, words[1] == "r-xp", ends.count == 2, ends[1] - ends[0] > UInt(largest.count)
      else { continue }
      largest = ends[0]..<ends[1]
    }
    let address = (largest.lowerBound + largest.upperBound) / 2
    let code = try #require(UnsafePointer<UInt8>(bitPattern: address))
    let before = code.pointee
    let pages = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)
    try #require(pages >= 0)
    defer { close(pages) }
    func isPresent() -> Bool {
      var entry: UInt64 = 0
      pread(pages, &entry, 8, off_t(address / UInt(getpagesize()) * 8))
      return entry >> 63 == 1
    }
    // Another test may need the page at the same moment.
    var wasGone = false
    for _ in 0..<1000 where !wasGone {
      #expect(code.pointee == before)
      try #require(isPresent())
      clinux_code_release()
      wasGone = !isPresent()
    }
    #expect(wasGone)
    #expect(code.pointee == before)
  }

  @Test("Constants that stand among what may be written are let go of, and what was written is kept")
  func constantsAreReadAgain() throws {
    var link = [CChar](repeating: 0, count: Int(PATH_MAX))
    try #require(readlink("/proc/self/exe", &link, link.count - 1) > 0)
    let program = String(decoding: link.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    /// Where the program's writable part is, and how many kB of it are the file's own pages.
    func writable() throws -> (pages: Range<UInt>, fileKilobytes: Int) {
      var pages: Range<UInt> = 0..<0
      var resident = 0
      var own = 0
      var isInside = false
      let smaps = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC)
      try #require(smaps >= 0)
      defer { close(smaps) }
      for line in try text(of: smaps).split(separator: "\n") {
        let words = line.split(separator: " ")
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        if ends.count == 2 {
          isInside = words.count > 5 && words[1] == "rw-p" && words[5] == program
          if isInside { pages = ends[0]..<ends[1] }
        } else if isInside, words[0] == "Rss:" {
          resident = Int(words[1]) ?? 0
        } else if isInside, words[0] == "Anonymous:" {
          own = Int(words[1]) ?? 0
        }
      }
      return (pages, resident - own)
    }
    let pages = try writable().pages
    try #require(!pages.isEmpty)
    var kilobytes: [Int] = []
    for _ in 0..<2 {
      var sum = 0
      for page in stride(from: pages.lowerBound, to: pages.upperBound, by: Int(getpagesize())) {
        sum &+= Int(try #require(UnsafePointer<UInt8>(bitPattern: page)).pointee)
      }
      #expect(sum >= 0)
      kilobytes.append(try writable().fileKilobytes)
      clinux_code_release()
      kilobytes.append(try writable().fileKilobytes)
    }
    // The program has a megabyte of such constants, which other tests may be reading at this moment.
    #expect(kilobytes[1] < kilobytes[0] && kilobytes[3] < kilobytes[2], "\(kilobytes)")
  }
}
