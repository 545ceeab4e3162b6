import ArgumentParser
import DeviceDiscovery

struct Ports: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Lists the serial ports of this computer.",
    discussion: "PORT is the name that stays right when the printer is plugged in again.")

  @Flag(help: "Also the computer's own ports, where hardly ever a printer is.") var all = false
  @OptionGroup var common: CommonOptions

  /// One port, as `--json` prints it.
  struct Port: Codable, Equatable {
    /// The path to use: the most stable there is.
    var port: String
    /// The node now.
    var node: String
    /// Maker and product.
    var device: String?
    /// `2c99:0002`.
    var usb: String?
    /// The device's serial number.
    var serial: String?
    /// The kernel's driver.
    var driver: String?
  }

  /// What `--json` prints.
  struct Answer: Codable {
    var items: [Port]
  }

  func perform(_ context: Context) async throws {
    let ports = Self.list(.current(), all: all)
    try context.output.answer(Answer(items: ports)) { output in
      guard !ports.isEmpty else { return output.say("no serial ports; is the printer plugged in and on?") }
      var table = TextTable([
        .init(title: "PORT", minimum: 20), .init(title: "NOW", expendable: 1),
        .init(title: "DEVICE", minimum: 10, expendable: 2), .init(title: "USB", expendable: 4),
        .init(title: "DRIVER", expendable: 3),
      ])
      for port in ports {
        table.add([port.port, port.node, port.device ?? "", port.usb ?? "", port.driver ?? ""])
      }
      output.table(table)
    }
  }

  /// The ports that a printer may be at: on USB, or all with hardware; never the kernel's console.
  static func list(_ devices: DeviceList, all: Bool) -> [Port] {
    devices.devices.filter { !$0.isConsole && (all || $0.usbID != nil) }.map { device in
      let names = [device.vendorName, device.productName].compactMap { $0 }
      return Port(
        port: devices.stablePath(of: device), node: device.node,
        device: names.isEmpty ? nil : names.joined(separator: " "), usb: device.usbID,
        serial: device.serialNumber,
        driver: device.driver)
    }
  }
}
