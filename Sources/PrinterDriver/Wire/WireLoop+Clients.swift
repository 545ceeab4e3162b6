import CLinux
import DriverInterface

/// Clients: connections, and their bytes.
extension WireLoop {
  private static let mostClients = 32

  func acceptClients() {
    while let descriptor = control.accept() {
      let client = ClientChannel(id: nextClient, descriptor: descriptor)
      // One too many is closed again by its deinit, which the other end sees at once.
      guard clients.count < WireLoop.mostClients else { continue }
      guard clinux_epoll_add(descriptors.epoll, descriptor, CLINUX_EPOLLIN, nextClient) == 0 else { continue }
      clients[nextClient] = client
      nextClient += 1
    }
  }

  func takeClient(_ client: ClientChannel, _ events: UInt32) {
    hasClientNews = true
    guard events & (CLINUX_EPOLLIN | CLINUX_EPOLLHUP | CLINUX_EPOLLERR) != 0 else { return }
    let frames = client.receive(space)
    // An emergency stop goes before whatever was asked in front of it.
    for case .message(.request(let number, .emergencyStop)) in frames {
      emergencyStop(ReplyAddress(client: client.id, number: number))
    }
    for frame in frames {
      let address: ReplyAddress
      switch frame {
      case .message(.request(_, .emergencyStop)): continue
      case .message(.request(let number, let request)):
        address = ReplyAddress(client: client.id, number: number)
        if client.isGreeted || isGreeting(request) {
          carryOut(request, address)
        } else {
          refuse(address, "interface.hello", "say hello first")
        }
      case .unknownRequest(let number):
        address = ReplyAddress(client: client.id, number: number)
        refuse(
          address, "interface.unknownRequest", "this driver (\(driverVersion)) does not know this request")
      case .message(.reply), .message(.event), .unknownReply, .unknown: break  // not for a driver
      }
    }
  }

  private func isGreeting(_ request: DriverRequest) -> Bool {
    if case .hello = request { return true }
    return false
  }

  func refuse(_ address: ReplyAddress?, _ code: String, _ sentence: String) {
    reply(address, .refused(Fault(code: code, sentence: sentence, scope: .connection)))
  }

  /// Writes to all clients what they take now, and lets go those that are over.
  func flushClients() {
    hasClientNews = false
    for client in clients.values where client.hasOutput || client.isBroken || client.closesWhenWritten {
      client.flush()
      if client.isBroken || (client.closesWhenWritten && !client.hasOutput) {
        _ = clinux_epoll_remove(descriptors.epoll, client.descriptor)
        clients[client.id] = nil
      } else if client.hasOutput != client.awaitsRoom {
        client.awaitsRoom = client.hasOutput
        let events = client.hasOutput ? CLINUX_EPOLLIN | CLINUX_EPOLLOUT : CLINUX_EPOLLIN
        _ = clinux_epoll_modify(descriptors.epoll, client.descriptor, events, client.id)
      }
    }
  }
}
