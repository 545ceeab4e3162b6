import PrinterProtocol
import Testing
import VirtualFirmware
@Suite struct DebugTests {
  @Test func one() {
    let (world, _, j) = NoisyLinkTests.run(NoisyLinkTests.cells[6], seed: 24, relative: false)
    print(j)
    print(world.wire.suffix(60).joined(separator: "\n"))
  }
}
