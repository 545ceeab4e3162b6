extension Schema {
  /// Migration 2: what is known of a machine's firmware and link, a person's word to keep a port free, quirk profiles, starts
  /// that a person attends, and jobs that a person wants in spite of the check.
  static let linkTables = machineColumns + [jobForced, profile, attendance]

  private static let machineColumns = [
    "ALTER TABLE machine ADD COLUMN receiveBuffer INTEGER CHECK (receiveBuffer BETWEEN 16 AND 1048576)",
    "ALTER TABLE machine ADD COLUMN queueLines INTEGER CHECK (queueLines BETWEEN 1 AND 1024)",
    "ALTER TABLE machine ADD COLUMN windowLines INTEGER CHECK (windowLines BETWEEN 0 AND 1024)",
    "ALTER TABLE machine ADD COLUMN hostOnly INTEGER NOT NULL DEFAULT 0 CHECK (hostOnly IN (0, 1))",
    "ALTER TABLE machine ADD COLUMN allowM3 INTEGER NOT NULL DEFAULT 0 CHECK (allowM3 IN (0, 1))",
    "ALTER TABLE machine ADD COLUMN disconnectedBy TEXT CHECK (disconnectedBy <> '')",
    "ALTER TABLE machine ADD COLUMN resetsLearned INTEGER CHECK (resetsLearned IN (0, 1))",
    "ALTER TABLE machine ADD COLUMN firmware TEXT CHECK (firmware <> '')",
  ]

  private static let jobForced = "ALTER TABLE job ADD COLUMN forcedBy TEXT CHECK (forcedBy <> '')"

  private static let profile = """
    CREATE TABLE profile (
      fingerprint TEXT NOT NULL PRIMARY KEY
        CHECK (length(fingerprint) = 16 AND fingerprint NOT GLOB '*[^0-9a-f]*'),
      firmware TEXT NOT NULL CHECK (firmware <> ''),
      receiveBuffer INTEGER CHECK (receiveBuffer BETWEEN 16 AND 1048576),
      queueLines INTEGER CHECK (queueLines BETWEEN 1 AND 1024),
      resetsOnOpen INTEGER CHECK (resetsOnOpen IN (0, 1)),
      note TEXT CHECK (note <> ''),
      measuredAt INTEGER,
      storedAt INTEGER NOT NULL,
      storedBy TEXT NOT NULL CHECK (storedBy <> '')
    ) STRICT, WITHOUT ROWID
    """

  /// At most one start a machine waits to be carried out; ordering the attempt takes it away.
  private static let attendance = """
    CREATE TABLE attendance (
      machine TEXT NOT NULL PRIMARY KEY REFERENCES machine (name),
      job INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
      who TEXT NOT NULL CHECK (who <> ''),
      at INTEGER NOT NULL,
      until INTEGER NOT NULL CHECK (until > at)
    ) STRICT, WITHOUT ROWID
    """
}
