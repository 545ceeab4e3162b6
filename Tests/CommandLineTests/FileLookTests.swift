import FoundationEssentials
import GCode
import Glibc
import Testing

@testable import fabline

@Suite struct FileLookTests {
  private let folder: String

  init() throws { folder = try Folders.temporary("fabline-look") }

  private func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = folder + "/" + name
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  private func failure(_ path: String, force: Bool = false) throws -> Failure {
    defer { Folders.remove(folder) }
    do {
      _ = try FileLook.whole(
        at: path, limits: FileCheckLimits(maximumTool: 285, maximumBed: 120), force: force)
    } catch {
      return error
    }
    try #require(Bool(false), "\(path) was taken")
    return .usage("")
  }

  @Test func aMissingFile() throws {
    let failure = try failure(folder + "/none.gcode")
    #expect(failure.status == .noSuchFile && failure.code == "file.missing")
    #expect(failure.sentence.contains("none.gcode"))
  }

  @Test func foldersPipesAndDevices() throws {
    #expect(try failure(folder).sentence.contains("is a folder"))
    #expect(try failure("/dev/null").sentence.contains("is a device"))
  }

  @Test func aPipeIsNotWaitedFor() throws {
    let path = folder + "/pipe.gcode"
    try #require(mkfifo(path, 0o600) == 0)
    let failure = try failure(path)
    #expect(failure.status == .noSuchFile && failure.sentence.contains("a pipe"))
  }

  @Test func eachProblemNamesItsLineAndTheRestIsCounted() throws {
    var text = "G28\n"
    for _ in 0..<12 { text += "G1 X" + String(repeating: "1", count: 300) + "\n" }
    let failure = try failure(try file("long.gcode", Array(text.utf8)))
    #expect(failure.status == .badGCode)
    #expect(failure.sentence.contains("long.gcode") && failure.sentence.contains("12 problems"))
    #expect(failure.details.count == 6)
    #expect(failure.details[0].hasPrefix("line 2:"))
    #expect(failure.details[5] == "and 7 more problems")
  }

  @Test func noForceLiftsATemperatureLimit() throws {
    let path = try file("hot.gcode", Array("M104 S400\nG28\nG1 X1 F100\n".utf8))
    let failure = try failure(path, force: true)
    #expect(failure.status == .badGCode && failure.sentence.contains("line 1"))
  }

  @Test func aGoodFileIsTaken() throws {
    let path = try file("clip.gcode", Array(DemoFile.gcode.utf8))
    let look = try FileLook.whole(at: path)
    Folders.remove(folder)
    #expect(look.name == "clip.gcode" && look.size == Int64(DemoFile.gcode.utf8.count))
    #expect(look.content.commands > 5000 && look.content.layers > 5)
    #expect((look.content.seconds ?? 0) > 60)
  }
}
