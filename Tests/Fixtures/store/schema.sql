CREATE INDEX attemptByJob ON attempt (job);
CREATE INDEX attemptByTime ON attempt (stagedAt);
CREATE UNIQUE INDEX attemptCopy ON attempt (job, copy)
  WHERE state IN ('staged', 'printing', 'paused', 'needsAttention', 'done');
CREATE UNIQUE INDEX attemptRunning ON attempt (machine)
  WHERE state IN ('printing', 'paused', 'needsAttention');
CREATE UNIQUE INDEX attemptStaged ON attempt (machine) WHERE state = 'staged';
CREATE INDEX auditByWho ON audit (who, id);
CREATE INDEX historyByJob ON history (job, id);
CREATE INDEX historyByMachine ON history (machine, id);
CREATE INDEX jobByFile ON job (file);
CREATE INDEX jobByState ON job (state, id);
CREATE INDEX sessionByAccount ON session (account);
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
) STRICT, WITHOUT ROWID;
CREATE TABLE answer (
  principal TEXT NOT NULL CHECK (principal <> ''),
  key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  fingerprint TEXT NOT NULL,
  begunAt INTEGER NOT NULL,
  status INTEGER CHECK (status BETWEEN 200 AND 299),
  type TEXT,
  body BLOB CHECK (length(body) <= 1048576),
  PRIMARY KEY (principal, key),
  CHECK (status IS NOT NULL OR (type IS NULL AND body IS NULL))
) STRICT, WITHOUT ROWID;
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
  remaining INTEGER, recovers TEXT REFERENCES attempt (id), file TEXT REFERENCES file (hash),
  CHECK (settled = 0 OR state IN ('failed', 'cancelled', 'uncertain')),
  CHECK ((endedAt IS NULL) = (state IN ('staged', 'printing', 'paused', 'needsAttention'))),
  CHECK (startedAt IS NULL OR state NOT IN ('staged', 'withdrawn')),
  CHECK (startedAt IS NOT NULL OR state NOT IN ('printing', 'paused', 'needsAttention', 'done'))
) STRICT;
CREATE TABLE attendance (
  machine TEXT NOT NULL PRIMARY KEY REFERENCES machine (name),
  job INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  who TEXT NOT NULL CHECK (who <> ''),
  at INTEGER NOT NULL,
  until INTEGER NOT NULL CHECK (until > at)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  target TEXT NOT NULL CHECK (length(target) BETWEEN 1 AND 2100),
  notice TEXT NOT NULL CHECK (length(notice) BETWEEN 2 AND 65536),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  dueAt INTEGER NOT NULL
) STRICT;
CREATE TABLE drain (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  who TEXT NOT NULL CHECK (who <> ''),
  since INTEGER NOT NULL
) STRICT;
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind <> ''),
  level TEXT,
  machine TEXT,
  job INTEGER,
  state TEXT,
  message TEXT
) STRICT;
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
, layerHeight REAL CHECK (layerHeight > 0), firstLayerHeight REAL CHECK (firstLayerHeight > 0), computed TEXT) STRICT;
CREATE TABLE fileContents (
  file TEXT NOT NULL PRIMARY KEY REFERENCES file (hash) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  seconds REAL NOT NULL,
  isCut INTEGER NOT NULL CHECK (isCut IN (0, 1)),
  hasLayerMarks INTEGER NOT NULL CHECK (hasLayerMarks IN (0, 1)),
  hasKinds INTEGER NOT NULL CHECK (hasKinds IN (0, 1)),
  minX REAL,
  minY REAL,
  maxX REAL,
  maxY REAL,
  layers BLOB NOT NULL CHECK (length(layers) % 128 = 0),
  picture TEXT
) STRICT;
CREATE TABLE fileThumbnail (
  file TEXT NOT NULL REFERENCES file (hash) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number >= 0),
  type TEXT NOT NULL CHECK (type IN ('png', 'jpeg', 'qoi')),
  width INTEGER NOT NULL CHECK (width BETWEEN 1 AND 2048),
  height INTEGER NOT NULL CHECK (height BETWEEN 1 AND 2048),
  offset INTEGER NOT NULL CHECK (offset >= 0),
  length INTEGER NOT NULL CHECK (length > 0),
  PRIMARY KEY (file, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE fileTool (
  file TEXT NOT NULL REFERENCES file (hash) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number >= 0),
  nozzle REAL CHECK (nozzle > 0),
  material TEXT CHECK (material <> ''), millimetres REAL CHECK (millimetres >= 0), grams REAL CHECK (grams >= 0),
  PRIMARY KEY (file, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
CREATE TABLE history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  who TEXT NOT NULL CHECK (who <> ''),
  what TEXT NOT NULL CHECK (what <> ''),
  why TEXT,
  job INTEGER REFERENCES job (id),
  machine TEXT,
  attempt TEXT
) STRICT;
CREATE TABLE idempotency (
  principal TEXT NOT NULL CHECK (principal <> ''),
  key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  fingerprint TEXT NOT NULL,
  job INTEGER NOT NULL REFERENCES job (id),
  at INTEGER NOT NULL,
  PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
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
    'done', 'failed', 'cancelled', 'uncertain')), forcedBy TEXT CHECK (forcedBy <> ''),
  CHECK ((machine IS NULL) <> (pool IS NULL)),
  CHECK ((holdKind IS NULL) = (holdReason IS NULL) AND (holdKind IS NULL) = (heldBy IS NULL)
    AND (holdKind IS NULL) = (heldAt IS NULL)),
  CHECK ((cancelledBy IS NULL) = (cancelledAt IS NULL)),
  CHECK (cancelReason IS NULL OR cancelledAt IS NOT NULL)
) STRICT;
CREATE TABLE jobAccepted (
  job INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  code TEXT NOT NULL CHECK (code IN ('material', 'nozzle', 'size', 'model', 'tools')),
  PRIMARY KEY (job, code)
) STRICT, WITHOUT ROWID;
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
  removedAt INTEGER, receiveBuffer INTEGER CHECK (receiveBuffer BETWEEN 16 AND 1048576), queueLines INTEGER CHECK (queueLines BETWEEN 1 AND 1024), windowLines INTEGER CHECK (windowLines BETWEEN 0 AND 1024), hostOnly INTEGER NOT NULL DEFAULT 0 CHECK (hostOnly IN (0, 1)), allowM3 INTEGER NOT NULL DEFAULT 0 CHECK (allowM3 IN (0, 1)), disconnectedBy TEXT CHECK (disconnectedBy <> ''), resetsLearned INTEGER CHECK (resetsLearned IN (0, 1)), firmware TEXT CHECK (firmware <> ''), homesXY INTEGER CHECK (homesXY IN (0, 1)), homeRaise TEXT CHECK (homeRaise IN ('none', 'r0', 'always')), camera TEXT CHECK (length(camera) BETWEEN 1 AND 1000), cameraStream TEXT CHECK (length(cameraStream) BETWEEN 1 AND 1000), hotEndOffAfter INTEGER CHECK (hotEndOffAfter BETWEEN 10 AND 3600), bedOffAfter INTEGER CHECK (bedOffAfter BETWEEN 10 AND 14400), standbyAfter INTEGER CHECK (standbyAfter BETWEEN 10 AND 7200),
  CHECK (bedJob IS NULL OR bedState = 'occupied')
) STRICT;
CREATE TABLE machineIdentity (
  machine TEXT NOT NULL PRIMARY KEY REFERENCES machine (name) ON DELETE CASCADE,
  usbID TEXT CHECK (usbID <> ''),
  serialNumber TEXT CHECK (serialNumber <> ''),
  isSerialShared INTEGER NOT NULL CHECK (isSerialShared IN (0, 1)),
  interface INTEGER CHECK (interface BETWEEN 0 AND 255),
  place TEXT NOT NULL CHECK (place <> ''),
  idPath TEXT CHECK (idPath <> ''),
  portNumber INTEGER CHECK (portNumber BETWEEN 0 AND 255),
  path TEXT NOT NULL CHECK (path <> ''),
  words TEXT NOT NULL,
  firmwareUUID TEXT CHECK (firmwareUUID <> ''),
  firmwareName TEXT CHECK (firmwareName <> ''),
  doubt TEXT CHECK (doubt <> ''),
  boundAt INTEGER NOT NULL,
  boundBy TEXT NOT NULL CHECK (boundBy <> '')
) STRICT, WITHOUT ROWID;
CREATE TABLE machineText (
  machine TEXT NOT NULL REFERENCES machine (name) ON DELETE CASCADE,
  use TEXT NOT NULL CHECK (use IN ('macro', 'script')),
  name TEXT NOT NULL CHECK (name <> ''),
  lines TEXT NOT NULL,
  PRIMARY KEY (machine, use, name),
  CHECK (use = 'macro' OR name IN ('start', 'end', 'cancel', 'pause', 'resume'))
) STRICT, WITHOUT ROWID;
CREATE TABLE machineTool (
  machine TEXT NOT NULL REFERENCES machine (name) ON DELETE CASCADE,
  number INTEGER NOT NULL CHECK (number BETWEEN 0 AND 31),
  nozzle REAL CHECK (nozzle > 0),
  material TEXT CHECK (material <> ''),
  colour TEXT CHECK (colour <> ''),
  PRIMARY KEY (machine, number)
) STRICT, WITHOUT ROWID;
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
) STRICT, WITHOUT ROWID;
CREATE TABLE resumePoint (
  attempt TEXT NOT NULL PRIMARY KEY REFERENCES attempt (id),
  point BLOB NOT NULL CHECK (length(point) > 0),
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE session (
  hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
  account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
  address TEXT NOT NULL CHECK (length(address) <= 64),
  createdAt INTEGER NOT NULL,
  seenAt INTEGER NOT NULL,
  until INTEGER NOT NULL CHECK (until > createdAt)
) STRICT, WITHOUT ROWID;
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
) STRICT;
CREATE TRIGGER historyIsNotRewritten BEFORE UPDATE ON history
  BEGIN SELECT RAISE (ABORT, 'history is not rewritten'); END;
