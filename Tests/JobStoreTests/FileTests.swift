import Crypto
import Foundation
import Synchronization
import Testing

@testable import JobStore

@Suite("Taking files in")
struct FileTests {
  @Test("stores the bytes under their hash, read-only, and reads what the slicer and the commands say")
  func stores() async throws {
    let shop = try await Shop()
    let intake = try await shop.takeIn(name: "bracket.gcode")
    let file = intake.file
    let path = try await shop.store.path(ofFile: file.hash)
    #expect(path == shop.folder.path + "/files/\(file.hash).gcode")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(hexadecimal(SHA256.hash(data: bytes)) == file.hash)
    #expect(Int64(bytes.count) == file.size)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o440)
    #expect(shop.folder.content(of: "incoming").isEmpty)
    let facts = file.facts
    #expect(facts.lines == 31)
    #expect(facts.commands == 17)
    #expect(facts.layers == 2)
    #expect(facts.slicer == "PrusaSlicer 2.9.0")
    #expect(facts.printerModel == "ENDER3")
    #expect(facts.nozzles == [0.4])
    #expect(facts.materials == ["PLA"])
    #expect(facts.filamentMillimetres == 6)
    #expect(facts.filamentGrams == 0.02)
    #expect(facts.seconds == 3723)
    #expect(facts.extents == [50, 30, 0.4])
    #expect(facts.toolTemperature == 215)
    #expect(facts.bedTemperature == 60)
    let read = try await shop.store.file(file.hash)
    #expect(read == file)
  }

  @Test("takes out the keys of a print host, however the bytes are cut, and keeps line numbers")
  func stripsKeys() async throws {
    let whole = try await Shop().takeIn(pieces: 1_000_000)
    #expect(whole.strippedLines == 2)
    for pieces in [1, 2, 3, 7, 64, 255, 256, 257] {
      let shop = try await Shop()
      let intake = try await shop.takeIn(pieces: pieces)
      #expect(intake.file.hash == whole.file.hash, "cut in \(pieces)")
      #expect(intake.strippedLines == 2)
      let path = try await shop.store.path(ofFile: intake.file.hash)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      #expect(!text.contains("SECRET") && !text.contains("10.0.0.5"))
      let lines = sampleFile.split(separator: "\n", omittingEmptySubsequences: false).map {
        $0.contains("printhost") ? "" : $0
      }
      #expect(text == lines.joined(separator: "\n"))
    }
  }

  static let filtered: [(input: String, output: String)] = [
    ("G28\n; printhost_apikey = x\nG1 X1", "G28\n\nG1 X1"),
    ("; printhost_apikey = x", ""),
    (";printhost_password=x\r\nG28\r\n", "\r\nG28\r\n"),
    ("  ; printhost_user = a\rG28\r", "\rG28\r"),
    ("; print_host = a\n", "\n"),
    ("; printhos = a\n", "; printhos = a\n"),
    ("G1 ; printhost_apikey = x\n", "G1 ; printhost_apikey = x\n"),
    ("\n\n\n", "\n\n\n"),
    ("", ""),
    (";", ";"),
    ("   ", "   "),
  ]

  @Test("filters lines, whole or in single bytes", arguments: filtered.indices)
  func filter(_ index: Int) {
    let (input, expected) = Self.filtered[index]
    for size in [1, 3, 1000] {
      var filter = KeyFilter()
      var output: [UInt8] = []
      let bytes = Array(input.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBufferPointer {
          filter.feed($0, into: &output)
        }
      }
      filter.finish(into: &output)
      #expect(String(decoding: output, as: UTF8.self) == expected)
    }
  }

  @Test("a comment that never ends is passed on and held in a few bytes")
  func longComment() {
    var filter = KeyFilter()
    var output: [UInt8] = []
    let piece = [UInt8](repeating: UInt8(ascii: " "), count: 100_000)
    for _ in 0..<3 { piece.withUnsafeBufferPointer { filter.feed($0, into: &output) } }
    #expect(output.count > 299_000)
    filter.finish(into: &output)
    #expect(output.count == 300_000)
  }

  @Test("the same content twice is one stored file, with the latest name")
  func sameContent() async throws {
    let shop = try await Shop()
    let first = try await shop.takeIn(name: "a.gcode")
    let second = try await shop.takeIn(name: "b.gcode", by: "lee", pieces: 11)
    #expect(!first.storedBefore && second.storedBefore)
    #expect(first.file.hash == second.file.hash)
    #expect(shop.folder.content(of: "files").count == 1)
    let files = try await shop.store.files()
    #expect(files.map(\.name) == ["b.gcode"])
    #expect(files.map(\.submitter) == ["kim"])
  }

  @Test("many people bringing the same file at once make one of it", arguments: Place.allCases)
  func concurrently(_ place: Place) async throws {
    let shop = try await Shop(place)
    let hashes = try await withThrowingTaskGroup(of: String.self) { group in
      for number in 0..<12 {
        group.addTask { try await shop.takeIn(by: "user\(number)", pieces: 10 + number).file.hash }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(hashes.count == 1)
    #expect(shop.folder.content(of: "files").count == 1)
    #expect(shop.folder.content(of: "incoming").isEmpty)
    #expect(try await shop.store.files().count == 1)
  }

  static let refused: [(what: String, bytes: [UInt8], code: String)] = [
    ("nothing", [], "file.empty"),
    ("blanks", Array("\n \n".utf8), "file.empty"),
    ("a ZIP", Array("PK\u{03}\u{04}".utf8) + [0, 1, 2], "file.zip"),
    ("binary G-code", Array("GCDE".utf8) + [1, 0, 0, 0], "file.binaryGCode"),
    ("gzip", [0x1F, 0x8B, 8, 0], "file.gzip"),
    ("an STL", Array("solid part\nfacet normal 0 0 1\n".utf8), "file.stl"),
    ("noise", (0..<6000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 3) }, "file.binary"),
    ("comments only", Array("; a\n; b\n".utf8), "file.noCommands"),
    ("a NUL in a line", Array("G28\nG1 X1\0\nG1 X2\nG1 X3 ; and so on, and so on\n".utf8), "file.nul"),
    ("a line number", Array("G28\nN5 G1 X1*12\n".utf8), "file.numbered"),
    ("a long line", Array(("G28\nM117 " + String(repeating: "x", count: 300)).utf8), "file.lineTooLong"),
  ]

  @Test("refuses what is no G-code, and leaves nothing behind", arguments: refused.indices)
  func refuses(_ index: Int) async throws {
    let (what, bytes, code) = Self.refused[index]
    let shop = try await Shop()
    do {
      _ = try await shop.store.takeIn(Pieces(bytes, 100), name: "x.gcode", by: "kim")
      Issue.record("\(what) was taken in")
    } catch {
      #expect(error.code.rawValue == code, "\(what): \(error)")
    }
    #expect(shop.folder.content(of: "incoming").isEmpty)
    #expect(shop.folder.content(of: "files").isEmpty)
    #expect(try await shop.store.files().isEmpty)
  }

  @Test("stops a wrong upload at its first bytes")
  func earlyRefusal() async throws {
    let shop = try await Shop()
    let bytes = Array("PK\u{03}\u{04}".utf8) + [UInt8](repeating: 7, count: 100_000)
    do {
      _ = try await shop.store.takeIn(Pieces(bytes, 5000, breaksAfter: 10_000), name: "x", by: "kim")
      Issue.record("a ZIP was taken in")
    } catch { #expect(error.code.rawValue == "file.zip") }
  }

  @Test("a connection that breaks, or ends too soon, leaves nothing behind")
  func broken() async throws {
    let shop = try await Shop()
    await expectError(.fileIncomplete) {
      try await shop.store.takeIn(
        Pieces(Array(sampleFile.utf8), 50, breaksAfter: 200), name: "x", by: "kim")
    }
    let sentence = await expectError(.fileIncomplete) { try await shop.takeIn(expected: 99_999) }
    #expect(sentence.contains("99999"))
    #expect(shop.folder.content(of: "incoming").isEmpty)
    #expect(shop.folder.content(of: "files").isEmpty)
  }

  @Test("too little room is told before the first byte is asked for")
  func noRoom() async throws {
    var disk = Disk.system
    disk.freeBytes = { _ in .success(20 << 20) }
    let shop = try await Shop(disk: disk)
    await expectError(.fileDiskFull) {
      try await shop.store.takeIn(
        Pieces([1], 1, breaksAfter: 0), name: "x", by: "kim", expected: 10 << 20)
    }
    _ = try await shop.takeIn(expected: Int64(sampleFile.utf8.count))
  }

  @Test("a disk that fills up in the middle is told, and leaves nothing behind", arguments: [ENOSPC, EDQUOT])
  func fillsUp(_ code: Int32) async throws {
    let room = Mutex(300)
    var disk = Disk.system
    disk.write = { descriptor, bytes in
      let count = room.withLock { room in
        let count = min(room, bytes.count)
        room -= count
        return count
      }
      guard count > 0 else { return .failure(Disk.Errno(code: code)) }
      return .success(Foundation.write(descriptor, bytes.baseAddress, count))
    }
    let shop = try await Shop(disk: disk)
    let sentence = await expectError(.fileDiskFull) { try await shop.takeIn() }
    #expect(sentence.contains(shop.folder.path))
    #expect(shop.folder.content(of: "incoming").isEmpty)
    #expect(shop.folder.content(of: "files").isEmpty)
    #expect(try await shop.store.files().isEmpty)
  }

  @Test("a disk that cannot keep its word (fsync fails) is told, and leaves nothing behind")
  func syncFails() async throws {
    var disk = Disk.system
    disk.sync = { _ in .failure(Disk.Errno(code: EIO)) }
    let shop = try await Shop(disk: disk)
    await expectError(.fileIO) { try await shop.takeIn() }
    #expect(shop.folder.content(of: "incoming").isEmpty)
    #expect(shop.folder.content(of: "files").isEmpty)
  }

  @Test("what stores settings is asked about when it is submitted")
  func question() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit(sampleFile + "M500\n")
    #expect(job.state == .held)
    #expect(job.hold?.kind == .question)
    #expect(job.hold?.reason.contains("M500") == true)
    #expect(try await shop.store.release(job.id, by: "kim").state == .queued)
  }

  static let names: [(String, String)] = [
    ("part.gcode", "part.gcode"), ("../../etc/passwd", "passwd"),
    ("C:\\Users\\kim\\part.gcode", "part.gcode"),
    ("", "unnamed.gcode"), ("..", "unnamed.gcode"), ("/", "unnamed.gcode"), (".hidden", "hidden"),
    ("a\u{1B}[31mb\n.gcode", "a[31mb.gcode"), ("evil\u{202E}edocg.exe", "eviledocg.exe"),
    ("치수 확인 ø12.gcode", "치수 확인 ø12.gcode"), ("  a b .gcode ", "a b .gcode"), ("a\0b", "ab"),
  ]

  @Test("names are made safe", arguments: names.indices)
  func sanitised(_ index: Int) { #expect(safeName(Self.names[index].0) == Self.names[index].1) }

  @Test("long names keep their ending and fit")
  func longNames() {
    let name = safeName(String(repeating: "ü", count: 500) + ".gcode")
    #expect(name.hasSuffix("ü.gcode"))
    #expect(name.utf8.count <= 200)
    #expect(safeName(String(repeating: ".x", count: 500)).utf8.count <= 200)
  }

  @Test("are found by any unambiguous beginning of the hash")
  func prefixes() async throws {
    let shop = try await Shop()
    let hash = try await shop.takeIn().file.hash
    #expect(try await shop.store.file(String(hash.prefix(8))).hash == hash)
    await expectError(.fileUnknown) { try await shop.store.file(String(hash.prefix(7))) }
    await expectError(.fileUnknown) { try await shop.store.file("../../../../etc/passwd") }
    await expectError(.fileUnknown) { try await shop.store.file(String(repeating: "0", count: 64)) }
  }

  @Test("are listed newest first, a page at a time")
  func pages() async throws {
    let shop = try await Shop()
    for number in 0..<5 {
      try await shop.takeIn("G28\nG1 X\(number)\n", name: "\(number).gcode")
      if number % 2 == 0 { shop.clock.advance(1000) }
    }
    var names: [String] = []
    var after: String?
    repeat {
      let page = try await shop.store.files(after: after, limit: 2)
      names += page.map(\.name)
      after = page.last?.hash
    } while after != nil
    #expect(Set(names).count == 5 && names.count == 5)
    #expect(names.last == "0.gcode")
  }
}

@Suite("Keeping and removing files")
struct StoredFileTests {
  @Test("a file is not removed while a job needs it")
  func removal() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    await expectError(.fileInUse) { try await shop.store.removeFile(job.file, by: "kim") }
    let attempt = try await shop.start(job.id)
    try await shop.end(attempt, .failed)
    await expectError(.fileInUse) { try await shop.store.removeFile(job.file, by: "kim") }
    _ = try await shop.store.cancel(job.id, reason: nil, by: "kim")
    try await shop.store.removeFile(job.file, by: "kim")
    #expect(shop.folder.content(of: "files").isEmpty)
    #expect(try await shop.store.files().isEmpty)
    await expectError(.fileUnknown) { try await shop.store.path(ofFile: job.file) }
    await expectError(.fileUnknown) { try await shop.store.removeFile(job.file, by: "kim") }
    await expectError(.fileUnknown) { try await shop.store.retry(job.id, by: "kim") }
    #expect(try await shop.store.job(job.id).name == "part.gcode")
    #expect(try await shop.takeIn().storedBefore == false)
    #expect(try await shop.store.retry(job.id, by: "kim").state == .queued)
  }

  @Test("bytes that are gone, changed or replaced are noticed and named")
  func damaged() async throws {
    let shop = try await Shop()
    try await shop.printer()
    let job = try await shop.submit()
    let path = try await shop.store.path(ofFile: job.file)
    try await shop.store.verifyFile(job.file)
    chmod(path, 0o600)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[100] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    await expectError(.fileChanged) { try await shop.store.verifyFile(job.file) }
    // One bit, in a file of the same size: the time of change gives it away.
    let later = Date(timeIntervalSince1970: Double(shop.clock.now) / 1000 + 60)
    try FileManager.default.setAttributes([.modificationDate: later], ofItemAtPath: path)
    await expectError(.fileChanged) { try await shop.store.path(ofFile: job.file) }
    try Data("G28\n".utf8).write(to: URL(fileURLWithPath: path))
    let sentence = await expectError(.fileChanged) { try await shop.store.path(ofFile: job.file) }
    #expect(sentence.contains("part.gcode"))
    unlink(path)
    await expectError(.fileMissing) { try await shop.store.path(ofFile: job.file) }
    await expectError(.fileMissing) {
      try await shop.store.submit(JobSubmission(file: job.file, machine: "ender"), by: "kim")
    }
    #expect(symlink("/etc/passwd", path) == 0)
    await expectError(.fileChanged) { try await shop.store.path(ofFile: job.file) }
    #expect(try await shop.takeIn().storedBefore == false, "an upload heals it")
    _ = try await shop.store.verifyFile(job.file)
  }
}
