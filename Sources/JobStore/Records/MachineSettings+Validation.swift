import Camera

extension MachineRecord.Settings {
  /// Throws `machine.invalid` with what is wrong and what would be right.
  public func validate() throws(StoreError) {
    func wrong(_ sentence: String) -> StoreError { StoreError(.machineInvalid, sentence) }
    guard Self.isName(name) else {
      throw wrong(
        "\"\(name)\" is no name for a machine: letters, digits, - and _, a letter or digit first, not only digits, at most 64"
      )
    }
    if let pool, !Self.isName(pool) {
      throw wrong("\"\(pool)\" is no name for a pool: letters, digits, - and _, not only digits")
    }
    guard !port.isEmpty, !port.utf8.contains(0) else { throw wrong("\(name) needs a port") }
    guard (1...4_000_000).contains(baud) else {
      throw wrong("\(baud) baud is not a speed; 115200 and 250000 are usual")
    }
    guard volume.count == 3, volume.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw wrong("the volume is three lengths in mm above 0: X, Y, Z")
    }
    guard (1...16).contains(tools.count) else { throw wrong("\(name) needs 1 to 16 tools") }
    guard tools.allSatisfy({ ($0.nozzle ?? 1) > 0 && ($0.nozzle ?? 1).isFinite }) else {
      throw wrong("a nozzle is a diameter in mm above 0")
    }
    guard tools.allSatisfy({ $0.material != "" && $0.colour != "" }) else {
      throw wrong("a material or colour that nobody knows is left out, not empty")
    }
    guard (0...1000).contains(maxTool), (0...500).contains(maxBed) else {
      throw wrong("the highest temperatures are 0 to 1000 °C for a hot end and 0 to 500 °C for a bed")
    }
    guard !kinematics.isEmpty, dialect != "", model != "" else {
      throw wrong("a dialect, model or kinematics that nobody knows is left out, not empty")
    }
    guard Self.kinematicsKnown.contains(kinematics) else {
      throw wrong("\"\(kinematics)\" are no kinematics: \(Self.kinematicsKnown.joined(separator: ", "))")
    }
    if let dialect, !Self.dialectsKnown.contains(dialect) {
      throw wrong("\"\(dialect)\" is no dialect: \(Self.dialectsKnown.joined(separator: ", "))")
    }
    if let homeRaise, !Self.homeRaisesKnown.contains(homeRaise) {
      throw wrong("\"\(homeRaise)\" is no way to home: \(Self.homeRaisesKnown.joined(separator: ", "))")
    }
    guard (32...65_536).contains(receiveBuffer ?? 32) else {
      throw wrong("a receive buffer has 32 to 65536 bytes; where nobody knows, it is left out")
    }
    guard (1...1024).contains(queueLines ?? 1) else {
      throw wrong("a command queue has 1 to 1024 lines; where nobody knows, it is left out")
    }
    guard (0...1024).contains(window ?? 0) else {
      throw wrong("a window is 1 to 1024 lines, or 0 for as many as certainly fit")
    }
    for address in [camera, cameraStream].compactMap(\.self) {
      do throws(CameraAddress.Refusal) { _ = try CameraAddress(address) } catch {
        throw wrong(error.sentence)
      }
    }
    try validateTimers(wrong)
    try validateTexts(wrong)
  }

  /// Where its camera is; nil where it has none.
  public var cameraPlace: CameraPlace? {
    func read(_ text: String?) -> CameraAddress? { text.flatMap { try? CameraAddress($0) } }
    return CameraPlace(machine: name, snapshot: read(camera), stream: read(cameraStream))
  }

  /// How long a heater may stay on with nobody looking after it, in seconds.
  public static let hotEndOffBounds = 10...3600
  /// The same of a bed: a part comes loose as it cools, and a bed alone sets nothing on fire.
  public static let bedOffBounds = 10...14_400
  /// How long a paused hot end may keep its full heat.
  public static let standbyBounds = 10...7200

  private func validateTimers(_ wrong: (String) -> StoreError) throws(StoreError) {
    let timers = [
      ("a hot end that nobody looks after goes off after", hotEndOffAfter, Self.hotEndOffBounds),
      ("a bed that nobody looks after goes off after", bedOffAfter, Self.bedOffBounds),
      ("a paused hot end goes to standby after", standbyAfter, Self.standbyBounds),
    ]
    for (words, seconds, bounds) in timers {
      guard let seconds, !bounds.contains(seconds) else { continue }
      throw wrong(
        "\(words) \(bounds.lowerBound) to \(bounds.upperBound) seconds, not \(seconds): never is not among them"
      )
    }
  }

  /// The dialects that a driver can be told to speak; `auto` finds out. Klipper's is recognised and declined by the driver.
  public static let dialectsKnown = [
    "auto", "marlin", "marlin1", "prusa", "rrf", "repetier", "smoothie", "grbl", "grblhal", "klipper",
  ]
  /// The kinematics that a driver knows.
  public static let kinematicsKnown = ["cartesian", "corexy", "delta"]

  /// What a firmware may do in Z when X and Y are homed.
  public static let homeRaisesKnown = ["none", "r0", "always"]

  private func validateTexts(_ wrong: (String) -> StoreError) throws(StoreError) {
    let occasions: Set = ["start", "end", "cancel", "pause", "resume"]
    if let other = scripts.keys.sorted().first(where: { !occasions.contains($0) }) {
      throw wrong("there is no occasion \"\(other)\" for a script: start, end, cancel, pause, resume")
    }
    guard !macros.keys.contains("") else { throw wrong("a macro needs a name") }
    for line in macros.values.joined() where Self.isBroken(line) {
      throw wrong("a macro's line holds a line end or a NUL: \(line.debugDescription)")
    }
    for line in scripts.values.joined() where Self.isBroken(line) {
      throw wrong("a script's line holds a line end or a NUL: \(line.debugDescription)")
    }
  }

  private static func isBroken(_ line: String) -> Bool {
    line.utf8.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0 }
  }

  /// Whether `text` can name a machine or a pool: it cannot be taken for a job's number or a path.
  public static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard (1...64).contains(bytes.count), let first = bytes.first, isLetterOrDigit(first) else {
      return false
    }
    guard bytes.allSatisfy({ isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x5F }) else { return false }
    return !bytes.allSatisfy(isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
  }

  /// The names of the settings that differ, for the history.
  func differences(from old: Self) -> String {
    var names: [String] = []
    if kind != old.kind { names.append("class \(old.kind.rawValue) -> \(kind.rawValue)") }
    if pool != old.pool { names.append("pool \(old.pool ?? "none") -> \(pool ?? "none")") }
    if port != old.port { names.append("port \(old.port) -> \(port)") }
    if baud != old.baud { names.append("baud \(old.baud) -> \(baud)") }
    if dialect != old.dialect { names.append("dialect \(old.dialect ?? "none") -> \(dialect ?? "none")") }
    if kinematics != old.kinematics { names.append("kinematics \(old.kinematics) -> \(kinematics)") }
    if volume != old.volume { names.append("volume \(old.volume) -> \(volume)") }
    if tools != old.tools { names.append("tools \(old.tools.map(\.words)) -> \(tools.map(\.words))") }
    if model != old.model { names.append("model \(old.model ?? "none") -> \(model ?? "none")") }
    if maxTool != old.maxTool { names.append("maxTool \(trimmed(old.maxTool)) -> \(trimmed(maxTool))") }
    if maxBed != old.maxBed { names.append("maxBed \(trimmed(old.maxBed)) -> \(trimmed(maxBed))") }
    if holdsZ != old.holdsZ { names.append("holdsZ -> \(holdsZ)") }
    if homesXY != old.homesXY { names.append("homesXY -> \(homesXY.map { "\($0)" } ?? "unknown")") }
    if homeRaise != old.homeRaise { names.append("homeRaise -> \(homeRaise ?? "by its dialect")") }
    if resetsOnOpen != old.resetsOnOpen {
      names.append("resetsOnOpen -> \(resetsOnOpen.map { "\($0)" } ?? "unknown")")
    }
    func differ(_ name: String, _ old: Int?, _ new: Int?) {
      if old != new {
        names.append("\(name) \(old.map { "\($0)" } ?? "none") -> \(new.map { "\($0)" } ?? "none")")
      }
    }
    differ("receiveBuffer", old.receiveBuffer, receiveBuffer)
    differ("queueLines", old.queueLines, queueLines)
    differ("window", old.window, window)
    differ("hotEndOffAfter", old.hotEndOffAfter, hotEndOffAfter)
    differ("bedOffAfter", old.bedOffAfter, bedOffAfter)
    differ("standbyAfter", old.standbyAfter, standbyAfter)
    if hostOnly != old.hostOnly { names.append("hostOnly -> \(hostOnly)") }
    if allowM3 != old.allowM3 { names.append("allowM3 -> \(allowM3)") }
    if startsAlone != old.startsAlone { names.append("startsAlone -> \(startsAlone)") }
    // Where it is, is not for everybody who may read this.
    if camera != old.camera { names.append("camera") }
    if cameraStream != old.cameraStream { names.append("camera stream") }
    if macros != old.macros { names.append("macros") }
    if scripts != old.scripts { names.append("scripts") }
    return names.joined(separator: ", ")
  }
}

extension MachineRecord.Tool {
  /// `0.4 mm PETG black`, or `unknown`.
  var words: String {
    let parts = [nozzle.map { "\(trimmed($0)) mm" }, material, colour].compactMap { $0 }
    return parts.isEmpty ? "unknown" : parts.joined(separator: " ")
  }
}
