/// What an account may be called, and how long a password is.
///
/// The names are those of Unix users: an account and a Unix user of one name are one person, whose jobs are the same. So a
/// name is no number (a Unix user without a name is called by the number), and none of those under which the host itself acts.
enum AccountName {
  static func check(_ name: String) throws(StoreError) {
    let bytes = Array(name.utf8)
    let isStart = bytes.first.map { (0x61...0x7A).contains($0) || $0 == 0x5F } ?? false
    let isRest = bytes.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || [0x2D, 0x2E, 0x5F].contains($0)
    }
    guard isStart, isRest, bytes.count <= 32 else {
      throw StoreError(
        .accountInvalid,
        "an account's name has 1 to 32 of a-z, 0-9, dot, hyphen and underscore, and begins with a letter")
    }
    guard !["root", "nobody", "fablined"].contains(name) else {
      throw StoreError(.accountInvalid, "\(name) is the host's own name: take another")
    }
  }

  /// Long ones are welcome; what keeps guesses slow is scrypt and the pause after wrong ones.
  static func check(password: String, of name: String) throws(StoreError) {
    guard password.count >= 8, password.utf8.count <= 1024 else {
      throw StoreError(.accountInvalid, "a password has at least 8 characters, and at most 1024 bytes")
    }
    guard password.lowercased() != name, Set(password).count > 2 else {
      throw StoreError(.accountInvalid, "a password is not the name, and not one character again and again")
    }
  }
}
