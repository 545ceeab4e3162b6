import APIModel
import Glibc

/// Serial ports as people read them.
enum PortText {
  /// The whole answer of `fabline ports`.
  static func show(_ answer: PortsAnswer, _ output: Output) {
    for line in lines(answer) { output.say(line) }
    if !answer.isBound {
      Output.complain("fablined does not answer: which machine is at which port is not known here")
    }
  }

  /// The same, as lines.
  static func lines(_ answer: PortsAnswer) -> [String] {
    var lines: [String] = []
    for item in answer.items {
      lines.append(TextWidth.harmless(title(item)))
      lines += details(item, isBound: answer.isBound)
    }
    if answer.items.isEmpty { lines.append("no serial ports; is the printer plugged in and on?") }
    for machine in answer.machines { lines.append(TextWidth.harmless("\(machine.machine): \(machine.note)")) }
    return lines
  }

  /// `/dev/ttyUSB0: QinHeng Electronics USB Serial (CH340 serial converter)`.
  static func title(_ item: DeviceModel) -> String {
    let names = [item.vendor, item.product].compactMap { $0 }.joined(separator: " ")
    let chip = item.chip.flatMap { names.contains($0) ? nil : names.isEmpty ? $0 : " (\($0))" } ?? ""
    let words = names + chip
    return words.isEmpty ? item.node : "\(item.node): \(words)"
  }

  /// What is below the title: names, whose it is, what stands in the way and what mends it.
  static func details(_ item: DeviceModel, isBound: Bool) -> [String] {
    var lines: [String] = []
    if let usb = item.usb {
      let serial = item.serialNumber.map { "serial number \($0)" } ?? "no serial number"
      lines.append("  USB \(usb), \(serial)\(item.driver.map { ", driver \($0)" } ?? "")")
    } else if let driver = item.driver {
      lines.append("  driver \(driver)")
    }
    if let byID = item.byID { lines.append("  by id    \(byID)") }
    if let byPath = item.byPath { lines.append("  by path  \(byPath)") }
    if let machine = item.machine {
      lines.append("  machine  \(machine)")
    } else if isBound {
      lines.append("  machine  none; fabline machine add NAME --port \(item.node)")
    }
    if !item.users.isEmpty {
      let users = item.users.map { user in
        user.machine.map { "fabline's driver of \($0) (pid \(user.pid))" }
          ?? "\(user.program) (pid \(user.pid))"
      }
      lines.append("  open by  \(users.joined(separator: ", "))")
    }
    for obstacle in item.obstacles {
      lines.append("  trouble  \(obstacle.sentence)")
      lines.append("           \(obstacle.command)")
    }
    return lines.map { TextWidth.harmless($0) }
  }

  /// The time of day, `11:23:01`.
  static func time() -> String {
    var now = Glibc.time(nil)
    var local = tm()
    localtime_r(&now, &local)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(local.tm_hour)):\(two(local.tm_min)):\(two(local.tm_sec))"
  }
}
