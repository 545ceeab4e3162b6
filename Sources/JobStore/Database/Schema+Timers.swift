extension Schema {
  /// Migration "heater timers": seconds after which heaters that nobody looks after go off or to standby (safety.md rule 3).
  static let heaterTimers = [
    "ALTER TABLE machine ADD COLUMN hotEndOffAfter INTEGER CHECK (hotEndOffAfter BETWEEN 10 AND 3600)",
    "ALTER TABLE machine ADD COLUMN bedOffAfter INTEGER CHECK (bedOffAfter BETWEEN 10 AND 14400)",
    "ALTER TABLE machine ADD COLUMN standbyAfter INTEGER CHECK (standbyAfter BETWEEN 10 AND 7200)",
  ]
}
