/// How a port is to be opened: its speed, flow control and modem lines. The framing is always 8N1, raw.
public struct SerialSettings: Equatable, Sendable {
  /// What becomes of a modem line after the open, which itself raises DTR and RTS.
  public enum Line: Equatable, Sendable {
    /// Left as the kernel's open left it: raised.
    case asOpened
    /// Raised again explicitly.
    case raised
    /// Lowered at once; boards that reset on an edge of DTR have seen one by then.
    case lowered
  }

  /// Bits per second; any number from 1, standard or not (115200, 250000, 123456).
  public var baud: Int32
  /// RTS/CTS: the adapter stops the sender by a wire.
  public var hardwareFlow: Bool
  /// XON/XOFF: bytes 0x11 and 0x13 stop and start the sender, and never arrive as data.
  public var softwareFlow: Bool
  /// Asks the adapter's driver to hand on received bytes at once instead of collecting them (16 ms on FTDI).
  public var lowLatency: Bool
  /// What becomes of DTR, which on many boards resets the firmware.
  public var dtr: Line
  /// What becomes of RTS; with `hardwareFlow` the kernel drives it and this is not used.
  public var rts: Line

  /// Settings for a printer's port; only the speed has no default.
  public init(
    baud: Int32, hardwareFlow: Bool = false, softwareFlow: Bool = false, lowLatency: Bool = true,
    dtr: Line = .asOpened, rts: Line = .asOpened
  ) {
    self.baud = baud
    self.hardwareFlow = hardwareFlow
    self.softwareFlow = softwareFlow
    self.lowLatency = lowLatency
    self.dtr = dtr
    self.rts = rts
  }
}
