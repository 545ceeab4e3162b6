extension Schema {
  /// Migration "recovery": where an attempt was cut short, attempts that go on with another one from a file made for it, and what
  /// a machine does when X and Y are homed.
  static let recoveryTables = [
    // The words of the driver as they came: one codec serves socket, journal and this.
    """
    CREATE TABLE resumePoint (
      attempt TEXT NOT NULL PRIMARY KEY REFERENCES attempt (id),
      point BLOB NOT NULL CHECK (length(point) > 0),
      at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    "ALTER TABLE attempt ADD COLUMN recovers TEXT REFERENCES attempt (id)",
    "ALTER TABLE attempt ADD COLUMN file TEXT REFERENCES file (hash)",
    "ALTER TABLE machine ADD COLUMN homesXY INTEGER CHECK (homesXY IN (0, 1))",
    "ALTER TABLE machine ADD COLUMN homeRaise TEXT CHECK (homeRaise IN ('none', 'r0', 'always'))",
  ]
}
