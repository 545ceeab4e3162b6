import VirtualFirmware

/// What a campaign is told to keep the same in all its prints.
public struct CampaignChoice: Sendable {
  /// The firmware profile's name.
  public var dialect: String?
  /// Lines in flight at most; 0 for as many as certainly fit.
  public var window: Int?
  /// The faults as they were asked for.
  public private(set) var faultsText: String?
  private(set) var faults: (faults: FaultPlan, cable: LinkFaults)?

  /// Everything is drawn.
  public init() {}

  /// Takes a list as the virtual printer does, with the cable's own faults: `heads=P`, `bursts=P`, `one-bit=P`.
  ///
  /// Throws the item that it does not understand.
  public mutating func setFaults(_ specification: String) throws(FaultSpecificationError) {
    var cable = LinkFaults()
    var rest: [Substring] = []
    for item in specification.split(separator: ",") {
      let parts = item.split(separator: "=")
      let rate = parts.count == 2 ? Double(parts[1]) : nil
      switch (parts.first, rate) {
      case ("heads", let rate?): cable.losesHeads = rate
      case ("bursts", let rate?): cable.garblesReplies = rate
      case ("one-bit", let rate?): cable.flipsOneBit = rate
      default: rest.append(item)
      }
    }
    faults = (try FaultPlan(specification: rest.joined(separator: ",")), cable)
    faultsText = specification
  }
}
