/// A small seeded generator, so that whatever went wrong can be repeated from its seed.
public struct SplitMix: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Makes the generator of this seed.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// True in about `probability` of the calls; draws nothing when it is zero.
  mutating func happens(_ probability: Double) -> Bool {
    probability > 0 && Double.random(in: 0..<1, using: &self) < probability
  }

  /// A number between two bounds, evenly spread over its magnitude.
  mutating func magnitude(_ low: Double, _ high: Double) -> Double {
    // Doubling from the low end: no logarithm is needed, and each octave is as likely as the next.
    var octaves = 0
    var top = low
    while top * 2 <= high {
      top *= 2
      octaves += 1
    }
    var value = low
    for _ in 0..<Int.random(in: 0...octaves, using: &self) { value *= 2 }
    return min(high, value * Double.random(in: 1..<2, using: &self))
  }
}
