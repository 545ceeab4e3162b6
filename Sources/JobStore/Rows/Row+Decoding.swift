import GRDB

extension Row {
  /// A word of a fixed set; a word from outside it means that a newer fablined wrote the row.
  func word<Word: RawRepresentable>(_ column: String) throws -> Word where Word.RawValue == String {
    let text: String = self[column]
    guard let word = Word(rawValue: text) else {
      throw StoreError(
        .storeFailed, "the database says \(column) = \(text), which this fablined does not know")
    }
    return word
  }

  func optionalWord<Word: RawRepresentable>(
    _ column: String
  ) throws -> Word? where Word.RawValue == String {
    let text: String? = self[column]
    return try text == nil ? nil : word(column)
  }
}
