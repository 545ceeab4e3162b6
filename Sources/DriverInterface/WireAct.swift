/// Numbers and fields of the manual acts.
extension ManualAct: WireRecord {
  private enum Kind: UInt8 {
    case home = 1
    case jog, heatTool, heatBed, cool, feedrate, flow, fan, babystep, load, unload, script, sdPrint
    case measure, zero, frame
  }

  func write(to writer: inout FieldWriter) {
    switch self {
    case .home(let axes):
      writer.kind(Kind.home)
      writer.text(2, axes)
    case .jog(let x, let y, let z, let e, let feedrate, let unhomed):
      writer.kind(Kind.jog)
      writer.double(2, x)
      writer.double(3, y)
      writer.double(4, z)
      writer.double(5, e)
      writer.double(6, feedrate)
      writer.flag(7, unhomed)
    case .heatTool(let tool, let target):
      writer.kind(Kind.heatTool)
      writer.integer(2, tool)
      writer.double(3, target)
    case .heatBed(let target):
      writer.kind(Kind.heatBed)
      writer.double(2, target)
    case .cool: writer.kind(Kind.cool)
    case .feedrate(let percent):
      writer.kind(Kind.feedrate)
      writer.integer(2, percent)
    case .flow(let percent):
      writer.kind(Kind.flow)
      writer.integer(2, percent)
    case .fan(let speed):
      writer.kind(Kind.fan)
      writer.integer(2, speed)
    case .babystep(let z):
      writer.kind(Kind.babystep)
      writer.double(2, z)
    case .load(let tool, let target, let length):
      writer.kind(Kind.load)
      writer.filament(tool, target, length)
    case .unload(let tool, let target, let length):
      writer.kind(Kind.unload)
      writer.filament(tool, target, length)
    case .script(let name, let lines):
      writer.kind(Kind.script)
      writer.text(2, name)
      writer.texts(3, lines)
    case .sdPrint(let act):
      writer.kind(Kind.sdPrint)
      writer.unsigned(2, UInt64(act.rawValue))
    case .measure: writer.kind(Kind.measure)
    case .zero(let axes):
      writer.kind(Kind.zero)
      writer.text(2, axes)
    case .frame(let attempt): writer.kind(Kind.frame, attempt)
    }
  }

  init(from reader: FieldReader) throws(FrameError) {
    let fields = try FieldSet(reader)
    switch try fields.kind(Kind.self) {
    case .home: self = .home(axes: fields.text(2))
    case .jog:
      self = .jog(
        x: try fields.double(2), y: try fields.double(3), z: try fields.double(4), e: try fields.double(5),
        feedrate: try fields.double(6), unhomed: try fields.flag(7))
    case .heatTool: self = .heatTool(tool: try fields.integer32(2), target: try fields.double(3))
    case .heatBed: self = .heatBed(target: try fields.double(2))
    case .cool: self = .cool
    case .feedrate: self = .feedrate(percent: try fields.integer32(2))
    case .flow: self = .flow(percent: try fields.integer32(2))
    case .fan: self = .fan(speed: try fields.integer32(2))
    case .babystep: self = .babystep(z: try fields.double(2))
    case .load:
      self = .load(
        tool: try fields.integer32(2), target: try fields.double(3), length: try fields.double(4))
    case .unload:
      self = .unload(
        tool: try fields.integer32(2), target: try fields.double(3), length: try fields.double(4))
    case .script: self = .script(name: fields.text(2), lines: fields.texts(3))
    case .sdPrint: self = .sdPrint(try fields.value(2))
    case .measure: self = .measure
    case .zero: self = .zero(axes: fields.text(2))
    case .frame: self = .frame(try fields.attempt(2))
    }
  }
}

extension FieldWriter {
  fileprivate mutating func filament(_ tool: Int32, _ target: Double, _ length: Double) {
    integer(2, tool)
    double(3, target)
    double(4, length)
  }
}
