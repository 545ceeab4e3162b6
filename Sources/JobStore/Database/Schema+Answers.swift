extension Schema {
  /// Migration "answers": what a request with an idempotency key was answered. Without a status it was begun, and nobody knows how it ended.
  static let answers = """
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
    ) STRICT, WITHOUT ROWID
    """
}
