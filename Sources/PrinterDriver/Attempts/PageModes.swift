import GCode
import PrinterProtocol

/// The part of the page that changes seldom: what the firmware remembers besides position and feedrate.
struct PageModes: Equatable, Sendable {
  /// The tools and fans that are written down.
  static let tools = 4
  static let fans = 4
  static let words = 29

  /// In the order of the page; doubles that are not known are nan.
  let values: [UInt64]

  /// Hands out the words in their order, without an allocation: most files change a mode every few lines.
  static func write(
    _ modal: ModalState, _ dialect: Dialect, fileModified: Int64, _ store: (Int, UInt64) -> Void
  ) {
    func number(_ index: Int, _ value: Double?) { store(index, (value ?? .nan).bitPattern) }
    number(0, modal.offset.x)
    number(1, modal.offset.y)
    number(2, modal.offset.z)
    number(3, modal.offset.e)
    number(4, modal.speedFactor)
    number(5, modal.storedSpeedFactor)
    number(6, modal.flowFactor)
    number(7, modal.acceleration.printing)
    number(8, modal.acceleration.retracting)
    number(9, modal.acceleration.travel)
    number(10, modal.babySteps)
    number(11, modal.bedTarget)
    number(12, modal.chamberTarget)
    number(13, modal.stepperTimeout)
    for tool in 0..<PageModes.tools { number(14 + tool, modal.target(tool: Int32(tool))) }
    for fan in 0..<PageModes.fans { number(18 + fan, modal.fan(Int32(fan))) }
    store(22, modal.levelling.map { $0 ? 2 : 1 } ?? 0)
    store(23, modal.extruderSetRelative.map { $0 ? 2 : 1 } ?? 0)
    store(24, UInt64(modal.plane))
    store(25, UInt64(modal.trusted.rawValue))
    store(26, modal.isRetracted ? 1 : 0)
    store(27, UInt64(bitPattern: fileModified))
    store(28, PageModes.word(of: dialect.name))
  }

  init(values: [UInt64]) { self.values = values }

  /// When the job's file was last changed, in ns since 1970.
  var fileModified: Int64 { Int64(bitPattern: values[27]) }

  /// The firmware's quirks by their name; nil for a name that this version does not know.
  var dialect: Dialect? {
    [.marlin, .marlin1, .prusa, .repetier, .smoothie, .rrf].first {
      PageModes.word(of: $0.name) == values[28]
    }
  }

  /// The first eight bytes of a name.
  private static func word(of name: String) -> UInt64 {
    var word: UInt64 = 0
    for byte in name.utf8.prefix(8) { word = word << 8 | UInt64(byte) }
    return word
  }

  private func number(_ index: Int) -> Double? {
    let value = Double(bitPattern: values[index])
    return value.isNaN ? nil : value
  }

  /// The modal state as the firmware had it after the last line that was sent.
  func modal(at page: ProgressSnapshot) -> ModalState {
    var modal = ModalState(extruderRule: dialect?.extruderRule ?? .setByG90)
    modal.isRelative = page.modes & 1 != 0
    modal.isInch = page.modes & 4 != 0
    modal.position = Position(x: page.x, y: page.y, z: page.z, e: page.e)
    modal.known = Axes(rawValue: UInt8(truncatingIfNeeded: page.known))
    modal.homed = Axes(rawValue: UInt8(truncatingIfNeeded: page.modes >> 3) & 7)
    modal.feedrate = page.feedrate > 0 ? page.feedrate : nil
    modal.tool = Int32(clamping: page.tool)
    modal.layer = page.layer > 0 ? Int32(clamping: page.layer - 1) : nil
    modal.offset = Position(x: number(0) ?? 0, y: number(1) ?? 0, z: number(2) ?? 0, e: number(3) ?? 0)
    modal.speedFactor = number(4) ?? 100
    modal.storedSpeedFactor = number(5)
    modal.flowFactor = number(6) ?? 100
    modal.acceleration = Accelerations(printing: number(7), retracting: number(8), travel: number(9))
    modal.babySteps = number(10) ?? 0
    modal.bedTarget = number(11)
    modal.chamberTarget = number(12)
    modal.stepperTimeout = number(13)
    // Targets and fans have no other way in than the commands that set them.
    for tool in 0..<PageModes.tools { apply("M104 T\(tool) S", number(14 + tool), &modal) }
    for fan in 0..<PageModes.fans { apply("M106 P\(fan) S", number(18 + fan), &modal) }
    modal.levelling = values[22] == 0 ? nil : values[22] == 2
    modal.extruderSetRelative = values[23] == 0 ? nil : values[23] == 2
    modal.plane = UInt8(truncatingIfNeeded: values[24])
    modal.trusted = Axes(rawValue: UInt8(truncatingIfNeeded: values[25]))
    modal.isRetracted = values[26] != 0
    return modal
  }

  private func apply(_ text: String, _ value: Double?, _ modal: inout ModalState) {
    guard let value, let command = Command(Array("\(text)\(value)".utf8)[...]) else { return }
    modal.apply(command)
  }
}
