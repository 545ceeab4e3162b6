import GRDB

/// What the store counts for whoever watches over weeks.
public struct QueueFigures: Equatable, Sendable {
  /// Jobs by state.
  public var jobs: [JobRecord.State: Int] = [:]
  /// Attempts by state.
  public var attempts: [AttemptRecord.State: Int] = [:]
  /// How long jobs waited from their submission to their first start.
  public var waits = Waits()

  /// Nothing was counted.
  public init() {}

  /// Waits in classes.
  public struct Waits: Equatable, Sendable {
    /// The classes' upper ends, in seconds.
    public static let bounds: [Int64] = [10, 60, 300, 900, 3600, 10_800, 43_200, 86_400, 604_800]
    /// How many waited at most as long as each bound.
    public var atMost = [Int](repeating: 0, count: bounds.count)
    /// How many waited and started.
    public var count = 0
    /// How long all of them waited together, in seconds.
    public var sum = 0.0

    /// Nobody waited.
    public init() {}
  }
}

extension JobStore {
  /// Counts jobs, attempts and waits, of all that the database remembers.
  public func figures() async throws(StoreError) -> QueueFigures {
    try await look { database in
      var figures = QueueFigures()
      for row in try Row.fetchAll(database, sql: "SELECT state, count(*) AS count FROM job GROUP BY state") {
        figures.jobs[try row.word("state")] = row["count"]
      }
      for row in try Row.fetchAll(
        database, sql: "SELECT state, count(*) AS count FROM attempt GROUP BY state")
      {
        figures.attempts[try row.word("state")] = row["count"]
      }
      figures.waits = try QueueFigures.Waits.count(database)
      return figures
    }
  }
}

extension QueueFigures.Waits {
  fileprivate static func count(_ database: Database) throws -> Self {
    // A clock that was set back must not make a wait negative.
    let classes = bounds.indices.map { "total(wait <= \(bounds[$0] * 1000)) AS c\($0)" }
    let row = try Row.fetchOne(
      database,
      sql: """
        SELECT count(*) AS n, total(wait) AS sum, \(classes.joined(separator: ", ")) FROM (
          SELECT max(0, min(attempt.startedAt) - job.createdAt) AS wait
          FROM job JOIN attempt ON attempt.job = job.id
          WHERE attempt.startedAt IS NOT NULL GROUP BY job.id)
        """)
    var waits = Self()
    guard let row else { return waits }
    waits.count = row["n"]
    let sum: Double = row["sum"]
    waits.sum = sum / 1000
    for index in bounds.indices {
      let counted: Double = row["c\(index)"]
      waits.atMost[index] = Int(counted)
    }
    return waits
  }
}
