import DriverClient
import DriverInterface

/// What a driver says of itself, asked on its own socket.
enum DriverView {
  /// Its status; nil where nobody answers.
  static func status(_ socket: String) async -> DriverStatus? {
    guard let connection = try? await DriverConnection.connect(socketPath: socket, client: "test"),
      case .status(let status)? = try? await connection.request(.status)
    else { return nil }
    connection.close()
    return status
  }

  /// Waits until a driver's attempt has this many commands acknowledged.
  static func acknowledged(
    _ commands: Int64, on socket: String, explain: () -> String = { "" }
  ) async throws {
    try await Deadline.wait(for: "\(commands) commands on \(socket)", explain: explain) {
      await (status(socket)?.running?.acknowledged ?? 0) >= commands ? true : nil
    }
  }

  /// Waits until a driver keeps an outcome that nobody acknowledged.
  static func outcome(on socket: String, explain: () -> String = { "" }) async throws -> AttemptOutcome {
    try await Deadline.wait(for: "outcome on \(socket)", explain: explain) {
      await status(socket)?.outcomes.first
    }
  }
}

extension Sandbox {
  /// The socket of a direct print.
  func direct(_ name: String = "port") -> String { "\(run)/direct/\(name)/driver.sock" }
  /// The socket of a machine's driver.
  func driver(_ machine: String) -> String { "\(run)/drivers/\(machine).sock" }
}
