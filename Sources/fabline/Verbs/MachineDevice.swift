import APIModel
import ArgumentParser

// Which device is a machine's: finding out, and telling udev.

struct MachineIdentify: Verb {
  static let configuration = CommandConfiguration(
    commandName: "identify",
    abstract: "Makes a machine beep, or move a little, to see which it is.",
    discussion: """
      Asks first. It beeps three times; where the firmware knows no beep, Z lifts by 1 mm and comes back. The machine has to be
      connected and idle. Lasers and mills are not moved.
      """)

  @Argument(help: "The machine.") var name: MachineName
  @Flag(help: "Says yes beforehand.") var yes = false
  @OptionGroup var common: CommonOptions

  func perform(_ context: Context) async throws {
    try Consent.ask(
      "\(name.value) will beep, or lift its nozzle by 1 mm and lower it again. Is nothing in its way?",
      given: yes)
    let result = try await context.withSupervisor { try await $0.identify(name.value) }
    try context.output.answer(result) { output in
      output.say(result.message ?? "\(name.value): done")
      output.say(
        "was it another machine? fabline machine set \(name.value) --port PORT; fabline ports lists them")
    }
  }
}

struct MachineUdev: Verb {
  static let isLocal = true
  static let configuration = CommandConfiguration(
    commandName: "udev",
    abstract: "Prints udev rules that give machines a name in /dev/fabline and keep ModemManager away.",
    discussion: """
      fabline machine udev | sudo tee \(MachineRules.path)
      sudo udevadm control --reload
      sudo udevadm trigger --action=change --subsystem-match=usb --subsystem-match=tty
      """)

  @Argument(help: "The machine; all that are bound to a device where none is named.") var name: MachineName?
  @OptionGroup var common: CommonOptions

  /// What `--json` prints.
  struct Answer: Codable {
    /// The file's text.
    var rules: String
    /// Where it belongs.
    var path: String
  }

  func perform(_ context: Context) async throws {
    let machines = try await context.withSupervisor { api in
      if let name { return [try await api.machine(name.value)] }
      return try await api.machines().items
    }
    if let name, let machine = machines.first, MachineRules.rules(machine) == nil {
      throw Failure(
        code: "machine.noDevice",
        sentence:
          "\(name.value) is not bound to a USB device, so that no rule can name it; fabline ports lists the devices",
        status: .notNow)
    }
    let text = MachineRules.file(machines)
    try context.output.answer(Answer(rules: text, path: MachineRules.path)) { output in
      Output.write(text, to: 1)
    }
  }
}

/// Rules for udev that name single machines' devices: by exact serial number, else by socket.
enum MachineRules {
  /// After `60-serial.rules`, which sets what is matched here, and before `73-seat-late.rules` and ModemManager's.
  static let path = "/etc/udev/rules.d/71-fabline-machines.rules"

  /// The whole file.
  static func file(_ machines: [MachineModel]) -> String {
    let head = """
      # Made by `fabline machine udev`: the devices of these machines, and no others. Goes to
      # \(path)

      """
    let named = machines.compactMap { rules($0) }
    return head + (named.isEmpty ? "# No machine is bound to a USB device.\n" : named.joined())
  }

  /// The rules of one machine; nil where it is not bound to a USB device.
  static func rules(_ machine: MachineModel) -> String? {
    guard let identity = machine.identity, let usb = identity.usb else { return nil }
    let numbers = usb.split(separator: ":")
    guard numbers.count == 2 else { return nil }
    let name = machine.settings.name
    let (vendor, product) = (numbers[0], numbers[1])
    var port = [
      "SUBSYSTEM==\"tty\"", "ENV{ID_VENDOR_ID}==\"\(vendor)\"", "ENV{ID_MODEL_ID}==\"\(product)\"",
    ]
    var device = [
      "SUBSYSTEM==\"usb\"", "ENV{DEVTYPE}==\"usb_device\"", "ATTR{idVendor}==\"\(vendor)\"",
      "ATTR{idProduct}==\"\(product)\"",
    ]
    if let serial = identity.serialNumber, !identity.isSerialShared {
      // udev's short serial number has underscores for what it does not take; sysfs has the device's own words.
      guard let exact = quoted(serial) else { return nil }
      port.append("ENV{ID_SERIAL_SHORT}==\"\(exact)\"")
      device.append("ATTR{serial}==\"\(exact.replacingUnderscores)\"")
      if let interface = identity.interface {
        port.append("ENV{ID_USB_INTERFACE_NUM}==\"\(hex(interface))\"")
      }
    } else {
      guard let idPath = identity.idPath, let exact = quoted(idPath) else { return nil }
      port.append("ENV{ID_PATH}==\"\(exact)\"")
      // The socket without configuration and interface is the device's own.
      let socket = exact.split(separator: ":").dropLast().joined(separator: ":")
      device += ["IMPORT{builtin}=\"path_id\"", "ENV{ID_PATH}==\"\(socket)\""]
    }
    if let number = identity.portNumber { port.append("ATTRS{port_number}==\"\(number)\"") }
    port += [
      "SYMLINK+=\"fabline/\(name)\"", "TAG+=\"systemd\"", "ENV{SYSTEMD_ALIAS}+=\"/dev/fabline/\(name)\"",
      "ENV{ID_MM_PORT_IGNORE}=\"1\"", "GROUP=\"dialout\"", "MODE=\"0660\"",
    ]
    device.append("ENV{ID_MM_DEVICE_IGNORE}=\"1\"")
    return """

      # \(name): \(TextWidth.harmless(identity.device ?? usb))
      \(device.joined(separator: ", "))
      \(port.joined(separator: ", "))

      """
  }

  /// A text that stands for itself in a rule; nil where no rule can hold it. Patterns' own signs become `?`.
  private static func quoted(_ text: String) -> String? {
    guard text.allSatisfy({ $0.isASCII && $0 != "\"" && $0 != "\\" && $0 != "\n" && !$0.isWhitespace }) else {
      return nil
    }
    return String(text.map { "*?[]|".contains($0) ? "?" : $0 })
  }

  private static func hex(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return digits.count < 2 ? "0" + digits : digits
  }
}

extension String {
  /// Where udev may have written an underscore for a blank, any one sign.
  fileprivate var replacingUnderscores: String { String(map { $0 == "_" ? "?" : $0 }) }
}
