#if MQTT
  import CMosquitto
  import Foundation
  import Notices
  import Supervisor

  /// A connection to a broker, kept up by libmosquitto on a thread of its own.
  ///
  /// The library is told everything before its thread starts, and its functions that are used afterwards may be called from
  /// any thread (mosquitto.h, "Threads"); the pointer never changes.
  final class BrokerConnection: @unchecked Sendable {
    /// What comes from the broker.
    enum Arrival: Sendable {
      /// Connected, or again.
      case connected
      /// Refused or lost, and why.
      case lost(String)
      /// A message.
      case message(topic: String, payload: String)
    }

    /// What comes from the broker, in order.
    let arrivals: AsyncStream<Arrival>
    private let arrival: AsyncStream<Arrival>.Continuation
    private let mosquitto: OpaquePointer
    private static let library: Void = { mosquitto_lib_init() }()

    /// How to reach the broker.
    struct Settings: Sendable {
      var host: String
      var port: Int32
      var caFile: String?
      var user: String?
      var password: String?
      /// What the broker tells when this process is gone.
      var will: BrokerMessage
    }

    /// Begins to connect. Throws `mqtt.settings` where the library refuses.
    init(_ settings: Settings) throws(HostError) {
      _ = BrokerConnection.library
      (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1000))
      guard let mosquitto = mosquitto_new(nil, true, nil) else {
        throw BrokerConnection.refused("there is no memory")
      }
      self.mosquitto = mosquitto
      mosquitto_user_data_set(mosquitto, Unmanaged.passUnretained(self).toOpaque())
      setCallbacks()
      var result = mosquitto_will_set(
        mosquitto, settings.will.topic, Int32(settings.will.payload.utf8.count), settings.will.payload, 1,
        true)
      if result == 0, let user = settings.user {
        result = mosquitto_username_pw_set(mosquitto, user, settings.password)
      }
      if result == 0, let file = settings.caFile {
        result = mosquitto_tls_set(mosquitto, file, nil, nil, nil, nil)
      }
      mosquitto_reconnect_delay_set(mosquitto, 1, 60, true)
      if result == 0 { result = mosquitto_loop_start(mosquitto) }
      guard result == 0 else { throw BrokerConnection.refused(String(cString: mosquitto_strerror(result))) }
      // What does not answer yet is tried again by the library's thread.
      let connecting = mosquitto_connect_async(mosquitto, settings.host, settings.port, 30)
      if connecting != 0 { arrival.yield(.lost(String(cString: mosquitto_strerror(connecting)))) }
    }

    deinit { mosquitto_destroy(mosquitto) }

    private static func refused(_ reason: String) -> HostError {
      HostError(code: "mqtt.settings", sentence: "MQTT cannot be set up: \(reason).")
    }

    private func setCallbacks() {
      mosquitto_connect_callback_set(mosquitto) { _, context, code in
        BrokerConnection.of(context)?.arrival.yield(
          code == 0 ? .connected : .lost(String(cString: mosquitto_connack_string(code))))
      }
      mosquitto_disconnect_callback_set(mosquitto) { _, context, code in
        BrokerConnection.of(context)?.arrival.yield(.lost(String(cString: mosquitto_strerror(code))))
      }
      mosquitto_message_callback_set(mosquitto) { _, context, message in
        // What the broker kept of before is no word of now.
        guard let message = message?.pointee, !message.retain, let topic = message.topic,
          message.payloadlen < 1000
        else { return }
        let bytes = UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))
        BrokerConnection.of(context)?.arrival.yield(
          .message(topic: String(cString: topic), payload: String(decoding: bytes, as: UTF8.self)))
      }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> BrokerConnection? {
      context.map { Unmanaged<BrokerConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Hands a message over to be kept by the broker; false where it could not be taken.
    @discardableResult
    func publish(_ message: BrokerMessage) -> Bool {
      mosquitto_publish(
        mosquitto, nil, message.topic, Int32(message.payload.utf8.count), message.payload, 1, true) == 0
    }

    /// Asks for messages.
    func subscribe(_ filter: String) { mosquitto_subscribe(mosquitto, nil, filter, 1) }

    /// Tries again at once, where the first attempt could not even begin.
    func connectAgain() { mosquitto_reconnect_async(mosquitto) }

    /// Says goodbye and ends the library's thread; blocks until what waits was sent, a second at most.
    func close() {
      mosquitto_disconnect(mosquitto)
      mosquitto_loop_stop(mosquitto, false)
      arrival.finish()
    }
  }
#endif
