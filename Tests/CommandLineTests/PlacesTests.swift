import APIModel
import Testing

@testable import fabline

@Suite struct PlacesTests {
  private func folder(_ variables: [String: String], option: String? = nil) -> String {
    RunFolder(option: option) { variables[$0] }.path
  }

  @Test func theRunFolderIsFoundInOrder() {
    #expect(folder(["FABLINE_RUN": "/a", "XDG_RUNTIME_DIR": "/b"], option: "/c") == "/c")
    #expect(folder(["FABLINE_RUN": "/a", "XDG_RUNTIME_DIR": "/b"]) == "/a")
    #expect(folder(["FABLINE_RUN": "", "XDG_RUNTIME_DIR": "/b"]) == "/b/fabline")
    #expect(folder([:]) == "/run/fabline")
    #expect(folder([:], option: "x").hasSuffix("/x") && folder([:], option: "x").hasPrefix("/"))
  }

  @Test(arguments: [
    ("/dev/ttyUSB0", "ttyUSB0"), ("/dev/pts/3", "pts-3"),
    ("/dev/serial/by-id/usb-1a86_USB2.0-Ser!-if00", "usb-1a86_USB2-0-Ser--if00"),
    ("/tmp/port", "port"), ("/", "port"),
  ])
  func aPortGivesItsPrintAName(_ port: String, _ name: String) {
    let place = DirectPlace(port: port, runFolder: RunFolder(path: "/run/fabline"))
    #expect(place.name == name)
    #expect(MachineName(argument: place.name) != nil)
    #expect(place.socket == "/run/fabline/direct/\(name)/driver.sock")
  }

  @Test func confirmedByEitherWayIsConfirmed() {
    let no = StopModel(machine: "a", confirmed: false, message: "no reply")
    let yes = StopModel(machine: "a", confirmed: true, message: nil)
    let other = StopModel(machine: "b", confirmed: false, message: nil)
    #expect(StopModel.merged([no, yes, other]) == [yes, other])
    #expect(StopModel.merged([yes, no]) == [yes])
    #expect(no.words == "sent, not confirmed: cut the power (no reply)")
    #expect(yes.words == "confirmed")
  }

  @Test func aMissingSupervisorSaysHowToStartIt() throws {
    let failure = try #require(SocketProbe.supervisorFailure("/nowhere/api.sock"))
    #expect(failure.status == .unavailable && failure.sentence.contains("fablined"))
    let long = "/" + String(repeating: "x", count: 120)
    #expect(try #require(SocketProbe.supervisorFailure(long)).sentence.contains("too long"))
  }
}
