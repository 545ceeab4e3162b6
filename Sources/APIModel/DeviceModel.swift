/// A serial port of the supervisor's computer: `GET /api/v1/devices`.
public struct DeviceModel: Codable, Equatable, Sendable {
  /// The node now; its number may be another after the next plugging.
  public var node: String
  /// The link that stays right: by id where that is this device's alone, else by path.
  public var path: String
  /// The link below `/dev/serial/by-id`.
  public var byID: String?
  /// The link below `/dev/serial/by-path`.
  public var byPath: String?
  /// The maker: as the device says, or by udev's hardware database.
  public var vendor: String?
  /// The product: as the device says, or by udev's hardware database.
  public var product: String?
  /// What the hardware database calls the chip.
  public var chip: String?
  /// `2c99:0002`; nil for a port that is not on USB.
  public var usb: String?
  /// The device's own serial number.
  public var serialNumber: String?
  /// The kernel's driver.
  public var driver: String?
  /// The machine that is bound to it.
  public var machine: String?
  /// Who has it open, as far as could be seen.
  public var users: [PortUserModel]
  /// What stands in the way of using it.
  public var obstacles: [ObstacleModel]

  /// Makes a port that nobody uses.
  public init(node: String, path: String) {
    self.node = node
    self.path = path
    self.users = []
    self.obstacles = []
  }
}

/// A process that has a port open.
public struct PortUserModel: Codable, Equatable, Sendable {
  /// Its process number.
  public var pid: Int32
  /// Its program.
  public var program: String
  /// The machine, where it is a driver of ours.
  public var machine: String?
  /// Makes a user.
  public init(pid: Int32, program: String, machine: String?) {
    self.pid = pid
    self.program = program
    self.machine = machine
  }
}

/// What stands in the way of using a port.
public struct ObstacleModel: Codable, Equatable, Sendable {
  /// `held`, `permission`, `modemManager`, `brltty`.
  public var kind: String
  /// What it is.
  public var sentence: String
  /// The command that mends it.
  public var command: String
  /// Makes an obstacle.
  public init(kind: String, sentence: String, command: String) {
    self.kind = kind
    self.sentence = sentence
    self.command = command
  }
}

/// Which device a machine is bound to.
public struct IdentityModel: Codable, Equatable, Sendable {
  /// `here`, `gone`, `doubtful`, or `typed` for a path that no device is known behind.
  public var state: String
  /// What the driver opens.
  public var path: String
  /// The node now, where it is plugged in.
  public var node: String?
  /// What a person knows the device by.
  public var device: String?
  /// `2c99:0002`.
  public var usb: String?
  /// Its serial number.
  public var serialNumber: String?
  /// Another device with the same serial number was seen, so that its socket decides.
  public var isSerialShared: Bool
  /// The number of the USB interface.
  public var interface: Int?
  /// udev's `ID_PATH` of its socket.
  public var idPath: String?
  /// Which port of an adapter with several it is.
  public var portNumber: Int?
  /// Why it is not opened, or what is to be known.
  public var note: String?
  /// Makes the identity of a path.
  public init(state: String, path: String) {
    self.state = state
    self.path = path
    self.isSerialShared = false
  }
}

/// `POST /api/v1/machines/NAME/identify`.
public struct IdentifyRequest: Codable, Equatable, Sendable {
  /// A person said yes to the machine's beeping or moving a little.
  public var confirm: Bool
  /// Makes a request.
  public init(confirm: Bool) { self.confirm = confirm }
}
