/// A small seeded generator (SplitMix64): the same seed gives the same faults at the same bytes.
struct Randomness: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to but not including `bound`.
  mutating func below(_ bound: Int) -> Int {
    bound <= 0 ? 0 : Int(next() % UInt64(bound))
  }

  /// True in about `probability` of the calls; draws nothing when it is zero.
  mutating func happens(_ probability: Double) -> Bool {
    if probability <= 0 { return false }
    return Double(next() >> 11) * (1.0 / 9_007_199_254_740_992.0) < probability
  }

  /// A factor between `least` and its reciprocal, as often above 1 as below.
  mutating func factor(from least: Double) -> Double {
    // The power of ten by repeated square roots: there is no `pow` without a C library.
    var power = 1.0
    var root = 1 / (least * least)
    let draw = next()
    for bit in 0..<12 {
      root = root.squareRoot()
      if draw >> UInt64(bit) & 1 == 1 { power *= root }
    }
    return least * power
  }
}
