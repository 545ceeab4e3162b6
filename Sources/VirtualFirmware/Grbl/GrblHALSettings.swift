/// The numbered settings that grblHAL has beside GRBL's, and how it prints them all.
struct GrblHALSettings: Sendable {
  private struct Row: Sendable {
    var number: Int
    var value: Double
    var decimals: Int

    init(_ number: Int, _ value: Double, _ decimals: Int = 0) {
      self.number = number
      self.value = value
      self.decimals = decimals
    }
  }

  /// In the order of `$$`; the value of a number that GRBL has as well is kept with GRBL's.
  private var rows: [Row] = [
    Row(0, 5, 1), Row(1, 25), Row(2, 0), Row(3, 0), Row(4, 7), Row(5, 0), Row(6, 0), Row(9, 1), Row(10, 511),
    Row(11, 0.01, 3), Row(12, 0.002, 3), Row(13, 0), Row(14, 0), Row(15, 0), Row(17, 0), Row(18, 0),
    Row(19, 0),
    Row(20, 0), Row(21, 0), Row(22, 0), Row(23, 0), Row(24, 25, 1), Row(25, 500, 1), Row(26, 250),
    Row(27, 1, 3),
    Row(28, 0.1, 3), Row(29, 0, 1), Row(30, 1000, 3), Row(31, 0, 3), Row(32, 0), Row(33, 5000, 1),
    Row(34, 0, 1),
    Row(35, 0, 1), Row(36, 100, 1), Row(37, 0), Row(39, 1), Row(40, 0), Row(41, 0), Row(42, 2), Row(43, 1),
    Row(44, 4), Row(45, 3), Row(46, 0), Row(56, 5, 1), Row(57, 100, 1), Row(58, -5, 1), Row(59, 500, 1),
    Row(60, 0),
    Row(61, 0), Row(62, 0), Row(63, 3), Row(64, 0), Row(65, 0), Row(100, 250, 5), Row(101, 250, 5),
    Row(102, 250, 5),
    Row(110, 500, 3), Row(111, 500, 3), Row(112, 500, 3), Row(120, 10, 3), Row(121, 10, 3), Row(122, 10, 3),
    Row(130, 200, 3), Row(131, 200, 3), Row(132, 200, 3), Row(341, 0), Row(342, 30, 1), Row(343, 25, 1),
    Row(344, 200, 1), Row(345, 200, 1), Row(346, 1), Row(384, 0), Row(392, 4, 1), Row(393, 1, 1),
    Row(394, 0, 1),
    Row(398, 100), Row(481, 0), Row(485, 0), Row(486, 0), Row(539, 0, 1), Row(673, 0, 1), Row(676, 15),
    Row(680, 0),
  ]

  var count: Int { rows.count }

  /// Number, value and decimals of a row.
  func row(_ index: Int, _ settings: GrblSettings) -> (number: Int, value: Double, decimals: Int) {
    let row = rows[index]
    // What GRBL keeps as a switch is a mask of axes here.
    let isOwn = row.number == 0 || row.number == 4
    return (row.number, isOwn ? row.value : settings.value(row.number) ?? row.value, row.decimals)
  }

  /// Takes a new value for a number that GRBL does not have; returns the code of the error or 0.
  mutating func set(_ number: Int, _ value: Double) -> UInt8 {
    for index in rows.indices where rows[index].number == number {
      rows[index].value = value
      return 0
    }
    return 3
  }
}
