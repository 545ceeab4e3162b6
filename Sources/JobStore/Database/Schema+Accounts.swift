extension Schema {
  /// Migration "accounts": who may sign in, what programs show instead of a password, who is signed in, and who did what.
  static let accountTables = [account, session, token, audit]

  /// Names are those of a Unix system, so that an account and a Unix user of one name are one person; never a number alone,
  /// which is how a Unix user without a name is called.
  private static let account = """
    CREATE TABLE account (
      name TEXT NOT NULL PRIMARY KEY
        CHECK (length(name) <= 32 AND name GLOB '[a-z_]*' AND name NOT GLOB '*[^a-z0-9._-]*'
          AND name NOT IN ('root', 'nobody', 'fablined')),
      role TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'operator', 'admin')),
      salt BLOB NOT NULL CHECK (length(salt) BETWEEN 16 AND 64),
      hash BLOB NOT NULL CHECK (length(hash) = 32),
      logRounds INTEGER NOT NULL CHECK (logRounds BETWEEN 1 AND 20),
      blockSize INTEGER NOT NULL CHECK (blockSize BETWEEN 1 AND 32),
      parallelism INTEGER NOT NULL CHECK (parallelism BETWEEN 1 AND 64),
      disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
      createdAt INTEGER NOT NULL,
      createdBy TEXT NOT NULL CHECK (createdBy <> ''),
      passwordAt INTEGER NOT NULL,
      lastSignIn INTEGER
    ) STRICT, WITHOUT ROWID
    """

  /// What the browser holds is not here: a copy of the database signs nobody in.
  private static let session = """
    CREATE TABLE session (
      hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
      account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
      address TEXT NOT NULL CHECK (length(address) <= 64),
      createdAt INTEGER NOT NULL,
      seenAt INTEGER NOT NULL,
      until INTEGER NOT NULL CHECK (until > createdAt)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessionByAccount ON session (account)
    """

  /// The owner need not have an account: a Unix user has tokens too.
  private static let token = """
    CREATE TABLE token (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
      name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
      owner TEXT NOT NULL CHECK (length(owner) BETWEEN 1 AND 64),
      role TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'operator', 'admin')),
      scopes TEXT NOT NULL CHECK (scopes NOT GLOB '*[^a-z,]*'),
      createdAt INTEGER NOT NULL,
      createdBy TEXT NOT NULL CHECK (createdBy <> ''),
      expiresAt INTEGER CHECK (expiresAt > createdAt),
      lastUsedAt INTEGER,
      UNIQUE (owner, name)
    ) STRICT
    """

  private static let audit = """
    CREATE TABLE audit (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      who TEXT NOT NULL CHECK (length(who) BETWEEN 1 AND 128),
      via TEXT NOT NULL CHECK (length(via) BETWEEN 1 AND 128),
      address TEXT CHECK (length(address) BETWEEN 1 AND 64),
      what TEXT NOT NULL CHECK (length(what) BETWEEN 1 AND 128),
      target TEXT CHECK (length(target) BETWEEN 1 AND 255),
      outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
      detail TEXT CHECK (length(detail) BETWEEN 1 AND 512)
    ) STRICT;
    CREATE INDEX auditByWho ON audit (who, id)
    """
}
