extension Schema {
  /// Notices that are on their way to somebody outside; what a notice says is the supervisor's own JSON.
  static let deliveries = """
    CREATE TABLE delivery (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      target TEXT NOT NULL CHECK (length(target) BETWEEN 1 AND 2100),
      notice TEXT NOT NULL CHECK (length(notice) BETWEEN 2 AND 65536),
      attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
      dueAt INTEGER NOT NULL
    ) STRICT
    """
}
