/// The place of the first CR from `start` on, else the end; eight bytes at a time.
///
/// A word holds a CR where one of its bytes is zero after exclusive-or with CRs, and exactly then this sum has a high bit.
func carriageReturn(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
  let raw = UnsafeRawBufferPointer(bytes)
  var index = start
  let ones: UInt64 = 0x0101_0101_0101_0101
  let highs: UInt64 = 0x8080_8080_8080_8080
  while index + 8 <= bytes.count {
    let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ (ones &* 13)
    let zeros = (word &- ones) & ~word & highs
    if zeros != 0 {
      // The lowest marked byte is exact; the loaded order is the memory's on the machines that Fabline runs on.
      return index + UInt64(littleEndian: zeros).trailingZeroBitCount / 8
    }
    index += 8
  }
  while index < bytes.count, bytes[index] != 13 { index += 1 }
  return index
}
