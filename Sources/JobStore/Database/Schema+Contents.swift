extension Schema {
  /// Migration "contents": what a file holds besides its first facts. `computed` is NULL until its path was followed, then the names
  /// of what the slicer did not tell; `layers` is a record of `Layer.recordLength` bytes a layer.
  static let contentsTables = [
    """
    ALTER TABLE file ADD COLUMN layerHeight REAL CHECK (layerHeight > 0);
    ALTER TABLE file ADD COLUMN firstLayerHeight REAL CHECK (firstLayerHeight > 0);
    ALTER TABLE file ADD COLUMN computed TEXT;
    ALTER TABLE fileTool ADD COLUMN millimetres REAL CHECK (millimetres >= 0);
    ALTER TABLE fileTool ADD COLUMN grams REAL CHECK (grams >= 0)
    """,
    """
    CREATE TABLE fileThumbnail (
      file TEXT NOT NULL REFERENCES file (hash) ON DELETE CASCADE,
      number INTEGER NOT NULL CHECK (number >= 0),
      type TEXT NOT NULL CHECK (type IN ('png', 'jpeg', 'qoi')),
      width INTEGER NOT NULL CHECK (width BETWEEN 1 AND 2048),
      height INTEGER NOT NULL CHECK (height BETWEEN 1 AND 2048),
      offset INTEGER NOT NULL CHECK (offset >= 0),
      length INTEGER NOT NULL CHECK (length > 0),
      PRIMARY KEY (file, number)
    ) STRICT, WITHOUT ROWID
    """,
    """
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
    ) STRICT
    """,
  ]
}
