import DriverInterface
import GCode
import PrinterProtocol
import Testing

@testable import PrinterDriver

/// What a successor reads from the page is what the firmware had been told.
struct PageModesTests {
  @Test func everyModeComesBack() {
    var modal = ModalState(extruderRule: .relativeIfEither)
    for line in [
      "G21", "G90", "M83", "G28", "G92 E0", "G1 X10.5 Y20.25 Z0.3 E1.5 F1800", "G92 X5", "M104 S210",
      "M104 T1 S190", "M140 S60", "M141 S40", "M106 S200", "M106 P1 S90", "M220 S120", "M221 S95",
      "M204 P1000 R1200 T1500", "M290 Z0.05", "M420 S1", "M84 S300", "G18", "T1",
    ] {
      if let command = Command(Array(line.utf8)[...]) { modal.apply(command) }
    }
    var words = [UInt64](repeating: 0, count: PageModes.words)
    PageModes.write(modal, .marlin1, fileModified: 77) { words[$0] = $1 }
    let modes = PageModes(values: words)
    var snapshot = ProgressSnapshot()
    (snapshot.x, snapshot.y) = (modal.position.x, modal.position.y)
    (snapshot.z, snapshot.e) = (modal.position.z, modal.position.e)
    snapshot.feedrate = modal.feedrate ?? 0
    snapshot.tool = Int64(modal.tool)
    snapshot.known = Int64(modal.known.rawValue)
    snapshot.modes = Int64(modal.homed.intersection(.xyz).rawValue) << 3
    #expect(modes.dialect == .marlin1)
    #expect(modes.fileModified == 77)
    let read = modes.modal(at: snapshot)
    #expect(ModalRecord(read) == ModalRecord(modal))
    #expect(read.stepperTimeout == modal.stepperTimeout)
    #expect(read.trusted == modal.trusted)
    #expect(read.plane == 18)
    #expect(read.isExtruderRelative)
    #expect(read.known == modal.known)
  }
}
