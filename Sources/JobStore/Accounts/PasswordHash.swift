import Crypto
import CryptoExtras
import Foundation
import Synchronization

/// What one look at a password costs. The corresponding function is scrypt, RFC 7914.
public struct PasswordCost: Equatable, Sendable {
  /// The logarithm of the rounds, N.
  public var logRounds: Int
  /// Blocks, r.
  public var blockSize: Int
  /// Runs one after the other, p.
  public var parallelism: Int

  /// Makes a cost.
  public init(logRounds: Int, blockSize: Int, parallelism: Int) {
    self.logRounds = logRounds
    self.blockSize = blockSize
    self.parallelism = parallelism
  }

  /// 16 MiB (128 · N · r), so that a board of 512 MB does not notice; five runs give the work that one of 128 MiB would.
  public static let standard = PasswordCost(logRounds: 14, blockSize: 8, parallelism: 5)
}

/// A password as it is kept: salted, stretched, with the cost that it was made at, so that the cost may rise later.
struct PasswordHash: Equatable, Sendable {
  var salt: Data
  var hash: Data
  var cost: PasswordCost

  /// Stretches a new password.
  static func make(_ password: String, _ cost: PasswordCost) throws -> PasswordHash {
    let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
    let key = try derive(password, salt, cost)
    return PasswordHash(salt: salt, hash: key.withUnsafeBytes { Data($0) }, cost: cost)
  }

  /// Compares in a time that does not depend on where the two differ: keys of swift-crypto compare so.
  func matches(_ password: String) throws -> Bool {
    try PasswordHash.derive(password, salt, cost) == SymmetricKey(data: hash)
  }

  /// Stands in for an account that is not there: looking at it costs as much, and nothing matches it.
  static func decoy(_ cost: PasswordCost) -> PasswordHash {
    PasswordHash(
      salt: Data(repeating: 0, count: 16),
      hash: SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }, cost: cost)
  }

  /// One text may be typed as different bytes (é, or any Korean syllable): they are one password.
  private static func derive(_ password: String, _ salt: Data, _ cost: PasswordCost) throws -> SymmetricKey {
    try KDF.Scrypt.deriveKey(
      from: Data(password.precomposedStringWithCanonicalMapping.utf8), salt: salt, outputByteCount: 32,
      rounds: 1 << cost.logRounds, blockSize: cost.blockSize, parallelism: cost.parallelism)
  }
}

/// Where passwords are looked at: one at a time, beside all that serves, and no more waiting than a person's patience holds.
/// However many sign in, the memory is that of one.
final class PasswordBench: Sendable {
  let cost: PasswordCost
  let capacity: Int
  private let queue = DispatchQueue(label: "fabline.passwords", qos: .utility)
  private let waiting = Mutex(0)

  init(cost: PasswordCost, capacity: Int = 16) {
    self.cost = cost
    self.capacity = capacity
  }

  /// Runs `work` when its turn has come. Throws `account.busy` where too many wait.
  func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    let isTaken = waiting.withLock { count in
      guard count < capacity else { return false }
      count += 1
      return true
    }
    guard isTaken else {
      throw StoreError(.accountBusy, "many sign in at this moment: try again in a few seconds")
    }
    defer { waiting.withLock { $0 -= 1 } }
    return try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Swift.Result { try work() }) }
    }
  }
}
