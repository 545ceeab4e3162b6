import GRDB

/// The database's shape. A migration that was ever released is never edited: a new one is added below it.
enum Schema {
  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 queue") { database in
      for statement in queueTables { try database.execute(sql: statement) }
    }
    migrator.registerMigration("2 links and attendance") { database in
      for statement in linkTables { try database.execute(sql: statement) }
    }
    migrator.registerMigration("drain") { try $0.execute(sql: drain) }
    migrator.registerMigration("identity") { database in
      for statement in identityTables { try database.execute(sql: statement) }
    }
    migrator.registerMigration("recovery") { database in
      for statement in recoveryTables { try database.execute(sql: statement) }
    }
    migrator.registerMigration("answers") { try $0.execute(sql: answers) }
    migrator.registerMigration("accounts") { database in
      for statement in accountTables { try database.execute(sql: statement) }
    }
    migrator.registerMigration("deliveries") { try $0.execute(sql: deliveries) }
    migrator.registerMigration("contents") { database in
      for statement in contentsTables { try database.execute(sql: statement) }
    }
    migrator.registerMigration("cameras") { database in
      for statement in cameraColumns { try database.execute(sql: statement) }
    }
    migrator.registerMigration("heater timers") { database in
      for statement in heaterTimers { try database.execute(sql: statement) }
    }
    return migrator
  }()

  /// Migration 1. Times are milliseconds since 1970, lengths mm, temperatures °C, truth values 0 and 1.
  private static let queueTables =
    [file, fileTool, machine, machineTool, machineText, job, jobAccepted, attempt]
    + attemptIndices + [history, historyIndices, idempotency, event]

  private static let file = """
    CREATE TABLE file (
      hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
      name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255 AND instr(name, '/') = 0),
      size INTEGER NOT NULL CHECK (size > 0),
      createdAt INTEGER NOT NULL,
      submitter TEXT NOT NULL CHECK (submitter <> ''),
      removedAt INTEGER,
      question TEXT CHECK (question <> ''),
      lines INTEGER NOT NULL CHECK (lines >= 0),
      commands INTEGER NOT NULL CHECK (commands >= 0),
      layers INTEGER,
      slicer TEXT,
      printerModel TEXT,
      filamentMillimetres REAL,
      filamentGrams REAL,
      seconds INTEGER,
      extentX REAL,
      extentY REAL,
      extentZ REAL,
      toolTemperature REAL,
      bedTemperature REAL
    ) STRICT
    """

  private static let fileTool = """
    CREATE TABLE fileTool (
      file TEXT NOT NULL REFERENCES file (hash) ON DELETE CASCADE,
      number INTEGER NOT NULL CHECK (number >= 0),
      nozzle REAL CHECK (nozzle > 0),
      material TEXT CHECK (material <> ''),
      PRIMARY KEY (file, number)
    ) STRICT, WITHOUT ROWID
    """

  private static let machine = """
    CREATE TABLE machine (
      name TEXT NOT NULL PRIMARY KEY
        CHECK (length(name) <= 64 AND name GLOB '[A-Za-z0-9]*'
          AND name NOT GLOB '*[^A-Za-z0-9_-]*' AND name GLOB '*[^0-9]*'),
      kind TEXT NOT NULL CHECK (kind IN ('printer', 'laser', 'cnc')),
      pool TEXT CHECK (pool <> ''),
      port TEXT NOT NULL CHECK (port <> ''),
      baud INTEGER NOT NULL CHECK (baud > 0),
      dialect TEXT CHECK (dialect <> ''),
      kinematics TEXT NOT NULL CHECK (kinematics <> ''),
      volumeX REAL NOT NULL CHECK (volumeX > 0),
      volumeY REAL NOT NULL CHECK (volumeY > 0),
      volumeZ REAL NOT NULL CHECK (volumeZ > 0),
      model TEXT CHECK (model <> ''),
      maxTool REAL NOT NULL CHECK (maxTool BETWEEN 0 AND 1000),
      maxBed REAL NOT NULL CHECK (maxBed BETWEEN 0 AND 500),
      holdsZ INTEGER NOT NULL CHECK (holdsZ IN (0, 1)),
      resetsOnOpen INTEGER CHECK (resetsOnOpen IN (0, 1)),
      startsAlone INTEGER NOT NULL CHECK (startsAlone IN (0, 1)),
      disabled TEXT CHECK (disabled <> ''),
      ready INTEGER NOT NULL DEFAULT 0 CHECK (ready IN (0, 1)),
      bedState TEXT NOT NULL DEFAULT 'unknown' CHECK (bedState IN ('unknown', 'occupied', 'clear')),
      bedJob INTEGER REFERENCES job (id),
      bedReason TEXT,
      clearedBy TEXT,
      clearedAt INTEGER,
      clearedJob INTEGER REFERENCES job (id),
      createdAt INTEGER NOT NULL,
      removedAt INTEGER,
      CHECK (bedJob IS NULL OR bedState = 'occupied')
    ) STRICT
    """

  private static let machineTool = """
    CREATE TABLE machineTool (
      machine TEXT NOT NULL REFERENCES machine (name) ON DELETE CASCADE,
      number INTEGER NOT NULL CHECK (number BETWEEN 0 AND 31),
      nozzle REAL CHECK (nozzle > 0),
      material TEXT CHECK (material <> ''),
      colour TEXT CHECK (colour <> ''),
      PRIMARY KEY (machine, number)
    ) STRICT, WITHOUT ROWID
    """

  private static let machineText = """
    CREATE TABLE machineText (
      machine TEXT NOT NULL REFERENCES machine (name) ON DELETE CASCADE,
      use TEXT NOT NULL CHECK (use IN ('macro', 'script')),
      name TEXT NOT NULL CHECK (name <> ''),
      lines TEXT NOT NULL,
      PRIMARY KEY (machine, use, name),
      CHECK (use = 'macro' OR name IN ('start', 'end', 'cancel', 'pause', 'resume'))
    ) STRICT, WITHOUT ROWID
    """

  private static let job = """
    CREATE TABLE job (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      file TEXT NOT NULL REFERENCES file (hash),
      name TEXT NOT NULL,
      machine TEXT REFERENCES machine (name),
      pool TEXT CHECK (pool <> ''),
      copies INTEGER NOT NULL CHECK (copies BETWEEN 1 AND 10000),
      priority INTEGER NOT NULL CHECK (priority BETWEEN -10 AND 10),
      due INTEGER,
      material TEXT CHECK (material <> ''),
      submitter TEXT NOT NULL CHECK (submitter <> ''),
      note TEXT,
      holdKind TEXT CHECK (holdKind IN ('person', 'mismatch', 'machine', 'file', 'question')),
      holdReason TEXT,
      heldBy TEXT,
      heldAt INTEGER,
      cancelReason TEXT,
      cancelledBy TEXT,
      cancelledAt INTEGER,
      goesBefore INTEGER REFERENCES job (id) CHECK (goesBefore <> id),
      createdAt INTEGER NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('queued', 'held', 'printing', 'paused', 'needsAttention',
        'done', 'failed', 'cancelled', 'uncertain')),
      CHECK ((machine IS NULL) <> (pool IS NULL)),
      CHECK ((holdKind IS NULL) = (holdReason IS NULL) AND (holdKind IS NULL) = (heldBy IS NULL)
        AND (holdKind IS NULL) = (heldAt IS NULL)),
      CHECK ((cancelledBy IS NULL) = (cancelledAt IS NULL)),
      CHECK (cancelReason IS NULL OR cancelledAt IS NOT NULL)
    ) STRICT;
    CREATE INDEX jobByState ON job (state, id);
    CREATE INDEX jobByFile ON job (file)
    """

  private static let jobAccepted = """
    CREATE TABLE jobAccepted (
      job INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
      code TEXT NOT NULL CHECK (code IN ('material', 'nozzle', 'size', 'model', 'tools')),
      PRIMARY KEY (job, code)
    ) STRICT, WITHOUT ROWID
    """

  private static let attempt = """
    CREATE TABLE attempt (
      id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*'),
      job INTEGER NOT NULL REFERENCES job (id),
      machine TEXT NOT NULL REFERENCES machine (name),
      copy INTEGER NOT NULL CHECK (copy >= 1),
      state TEXT NOT NULL CHECK (state IN ('staged', 'printing', 'paused', 'needsAttention',
        'done', 'failed', 'cancelled', 'uncertain', 'withdrawn')),
      settled INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1)),
      reason TEXT,
      code TEXT,
      faultLine INTEGER,
      bedBefore TEXT CHECK (bedBefore IN ('unknown', 'occupied', 'clear')),
      stagedAt INTEGER NOT NULL,
      orderedAt INTEGER,
      startedAt INTEGER,
      endedAt INTEGER,
      fileLine INTEGER,
      byteOffset INTEGER,
      lineNumber INTEGER,
      acknowledged INTEGER,
      resends INTEGER,
      layer INTEGER,
      elapsed INTEGER,
      remaining INTEGER,
      CHECK (settled = 0 OR state IN ('failed', 'cancelled', 'uncertain')),
      CHECK ((endedAt IS NULL) = (state IN ('staged', 'printing', 'paused', 'needsAttention'))),
      CHECK (startedAt IS NULL OR state NOT IN ('staged', 'withdrawn')),
      CHECK (startedAt IS NOT NULL OR state NOT IN ('printing', 'paused', 'needsAttention', 'done'))
    ) STRICT
    """

  /// One machine runs one attempt and holds one staged; a copy is printed once and is in work once.
  private static let attemptIndices = [
    """
    CREATE UNIQUE INDEX attemptRunning ON attempt (machine)
      WHERE state IN ('printing', 'paused', 'needsAttention')
    """,
    "CREATE UNIQUE INDEX attemptStaged ON attempt (machine) WHERE state = 'staged'",
    """
    CREATE UNIQUE INDEX attemptCopy ON attempt (job, copy)
      WHERE state IN ('staged', 'printing', 'paused', 'needsAttention', 'done')
    """,
    "CREATE INDEX attemptByJob ON attempt (job)",
    "CREATE INDEX attemptByTime ON attempt (stagedAt)",
  ]

  private static let history = """
    CREATE TABLE history (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      who TEXT NOT NULL CHECK (who <> ''),
      what TEXT NOT NULL CHECK (what <> ''),
      why TEXT,
      job INTEGER REFERENCES job (id),
      machine TEXT,
      attempt TEXT
    ) STRICT
    """

  private static let historyIndices = """
    CREATE INDEX historyByJob ON history (job, id);
    CREATE INDEX historyByMachine ON history (machine, id);
    CREATE TRIGGER historyIsNotRewritten BEFORE UPDATE ON history
      BEGIN SELECT RAISE (ABORT, 'history is not rewritten'); END
    """

  private static let idempotency = """
    CREATE TABLE idempotency (
      principal TEXT NOT NULL CHECK (principal <> ''),
      key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
      fingerprint TEXT NOT NULL,
      job INTEGER NOT NULL REFERENCES job (id),
      at INTEGER NOT NULL,
      PRIMARY KEY (principal, key)
    ) STRICT, WITHOUT ROWID
    """

  private static let event = """
    CREATE TABLE event (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (kind <> ''),
      level TEXT,
      machine TEXT,
      job INTEGER,
      state TEXT,
      message TEXT
    ) STRICT
    """
}
