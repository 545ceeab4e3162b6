import DriverClient
import DriverInterface
import PrinterDriver
import SerialPort
import Testing

/// A port behind which another device is than the machine's (safety.md: nothing is opened in doubt).
@Suite(.serialized) struct DeviceGuardTests {
  @Test func anotherDeviceIsNamedAndNotOpened() async throws {
    let folder = try TestFolder()
    let board = try FakeBoard()
    let rig = Rig(folder: folder, board: board) {
      // A pseudo-terminal is no USB device.
      $0.device = UsbIdentity("1a86:7523:A50285BI")
      $0.reopening = (5_000_000, 20_000_000)
    }
    rig.start()
    let connection = try await rig.connect()
    let status = try await rig.waitFor("a reason", on: connection) {
      $0.phase == .opening && !$0.reason.isEmpty
    }
    #expect(status.reason.contains("1a86:7523 with serial number A50285BI"))
    #expect(status.baudGranted == 0)
    // Asking again opens it no more than waiting does.
    _ = try await connection.request(.connect)
    let after = try await rig.waitFor("another look", on: connection) { $0.phase == .opening }
    #expect(after.baudGranted == 0)
    #expect(board.executed.isEmpty)
    try await rig.end(connection)
  }
}
