import DeviceDiscovery
import Dispatch

/// A serial port as people see it: what it is, whose it is, who has it open, what stands in the way.
public struct DeviceView: Equatable, Sendable {
  /// The port.
  public var device: SerialDevice
  /// The link that stays right when it is plugged in again.
  public var path: String
  /// The machine that is bound to it.
  public var machine: String?
  /// Who has it open, as far as this process may see.
  public var users: [PortUser]
  /// What stands in the way of this process.
  public var obstacles: [PortObstacle]
}

extension Supervisor {
  /// The ports of this moment, without the kernel's console.
  public func devices() async -> [DeviceView] {
    let list = deviceList
    var owners: [String: String] = [:]
    for (machine, port) in ports { if let node = port.node { owners[node] = machine } }
    let known = owners
    // Looking through all processes blocks: not on the pool that answers everybody else.
    return await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        let survey = PortSurvey()
        continuation.resume(
          returning: list.devices.filter { !$0.isConsole }.map { device in
            let users = survey.users(of: device)
            let machine = known[device.node]
            return DeviceView(
              device: device, path: list.stablePath(of: device), machine: machine, users: users,
              obstacles: survey.obstacles(to: device, usedBy: users, machine: machine))
          })
      }
    }
  }

  /// What has become of each machine's port.
  public func machinePorts() -> [String: MachinePort] { ports }
}
