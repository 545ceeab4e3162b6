/// How a heater and its sensor behave, in the simplest terms that still overshoot and lag.
public struct HeaterModel: Sendable {
  /// Rise at full power in °C/s, losses apart.
  public var rate: Double
  /// Time constant of the losses to the room, s.
  public var timeConstant: Double
  /// Time constant of the way from heater to sensor, s.
  public var lag: Double
  /// Room temperature, °C.
  public var ambient: Double
  /// Highest temperature that the firmware allows as a target, °C.
  public var highestTarget: Double
  /// Switched fully on or off every so many seconds; nil where power is regulated.
  public var switchingInterval: Double?
  /// A heat-up must gain `watchRise` in so many seconds.
  public var watchSeconds: Int64
  /// Gain that proves that the heater works, °C.
  public var watchRise: Double
  /// Once warm, it may not be `runawayDrop` below the target for so many seconds.
  public var runawaySeconds: Int64
  /// See `runawaySeconds`, °C.
  public var runawayDrop: Double

  /// The hot end of the recordings: 12 °C/s, cools from 60 to 30 °C in 80 s.
  public static var recordedHotEnd: HeaterModel {
    HeaterModel(
      rate: 12, timeConstant: 75, lag: 0.6, ambient: 21.88, highestTarget: 260, switchingInterval: nil,
      watchSeconds: 40, watchRise: 2, runawaySeconds: 40, runawayDrop: 4)
  }

  /// A bed with a real bed's mass: 1.2 °C/s, switched every 5 s as stock Marlin does.
  public static var slowBed: HeaterModel {
    HeaterModel(
      rate: 1.2, timeConstant: 400, lag: 2, ambient: 21.88, highestTarget: 140, switchingInterval: 5,
      watchSeconds: 60, watchRise: 2, runawaySeconds: 20, runawayDrop: 2)
  }
}

/// A heater, its sensor, its controller and the protection that watches them.
struct Heater: Sendable {
  enum Verdict: Sendable, Equatable {
    case fine
    case heatingFailed
    case runaway
  }

  let model: HeaterModel
  /// Wanted temperature; 0 is off.
  private(set) var target = 0.0
  /// What the sensor shows.
  private(set) var temperature: Double
  /// Power now, 0 to 127.
  private(set) var power: Int64 = 0
  /// The highest that the sensor has shown.
  private(set) var highest: Double
  /// No current flows: broken wire, or no power supply.
  var isBroken = false

  private static let stepTime: Int64 = 100_000_000
  private var element: Double
  private var integral = 0.0
  private var reached: Int64 = 0
  private var nextSwitch: Int64 = 0
  private var watchUntil: Int64?
  private var watchGoal = 0.0
  private var wasWarm = false
  private var belowSince: Int64?

  init(_ model: HeaterModel) {
    self.model = model
    temperature = model.ambient
    element = model.ambient
    highest = model.ambient
  }

  /// Sets the target, no higher than allowed, and starts the watch on the heat-up.
  mutating func setTarget(_ wanted: Double, now: Int64) {
    advance(to: now)
    let clamped = max(0, min(wanted, model.highestTarget))
    if clamped != target {
      integral = 0
      wasWarm = false
      belowSince = nil
    }
    target = clamped
    if target > 0, temperature < target - (model.watchRise + 4) {
      watchUntil = now + model.watchSeconds * 1_000_000_000
      watchGoal = temperature + model.watchRise
    } else {
      watchUntil = nil
    }
  }

  /// The controller forgets everything, the metal stays warm.
  mutating func resetController() {
    target = 0
    power = 0
    integral = 0
    watchUntil = nil
    wasWarm = false
    belowSince = nil
  }

  /// When the temperature changes next, ns.
  var nextStep: Int64 { reached + Self.stepTime }

  /// Lets time pass in steps of 0.1 s, or longer ones while off.
  mutating func advance(to now: Int64) {
    while reached + Self.stepTime <= now {
      let span = now - reached
      let step = target == 0 && span > 60_000_000_000 ? 1_000_000_000 : Self.stepTime
      reached += step
      regulate()
      let seconds = Double(step) * 1e-9
      let drive = isBroken ? 0 : Double(power) / 127 * model.rate * seconds
      element =
        (element + drive + model.ambient * seconds / model.timeConstant) / (1 + seconds / model.timeConstant)
      temperature = (temperature + element * seconds / model.lag) / (1 + seconds / model.lag)
      if temperature > highest { highest = temperature }
    }
  }

  private mutating func regulate() {
    if target == 0 {
      power = 0
      return
    }
    if let interval = model.switchingInterval {
      if reached >= nextSwitch {
        power = temperature < target ? 127 : 0
        nextSwitch = reached + Int64(interval * 1e9)
      }
      return
    }
    let error = target - temperature
    if error > 10 {
      power = 127
      integral = 0
    } else {
      let steady = (target - model.ambient) / model.timeConstant / model.rate * 127
      integral = max(-20, min(20, integral + error * 0.02))
      power = Int64(max(0, min(127, steady + error * 4 + integral)))
    }
  }

  /// What the thermal protection says at `now`.
  mutating func check(now: Int64) -> Verdict {
    advance(to: now)
    if target == 0 { return .fine }
    if let until = watchUntil {
      if temperature >= watchGoal {
        watchUntil = nil
        setWatchAgain(now: now)
      } else if now >= until {
        return .heatingFailed
      }
    }
    if temperature >= target - 1 { wasWarm = true }
    if wasWarm, temperature < target - model.runawayDrop {
      let since = belowSince ?? now
      belowSince = since
      if now - since > model.runawaySeconds * 1_000_000_000 { return .runaway }
    } else {
      belowSince = nil
    }
    return .fine
  }

  private mutating func setWatchAgain(now: Int64) {
    guard temperature < target - (model.watchRise + 4) else { return }
    watchUntil = now + model.watchSeconds * 1_000_000_000
    watchGoal = temperature + model.watchRise
  }
}
