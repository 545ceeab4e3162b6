/// One framed message on the control socket, either way.
public enum DriverMessage: Equatable, Sendable {
  /// Client to driver.
  case request(number: UInt32, DriverRequest)
  /// Driver to client: the one answer to the request with this number.
  case reply(number: UInt32, DriverReply)
  /// Driver to a client that subscribed.
  case event(DriverEvent)
}
