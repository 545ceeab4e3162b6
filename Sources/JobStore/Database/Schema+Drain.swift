extension Schema {
  /// Nothing more starts while the one row is there.
  static let drain = """
    CREATE TABLE drain (
      one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
      who TEXT NOT NULL CHECK (who <> ''),
      since INTEGER NOT NULL
    ) STRICT
    """
}
