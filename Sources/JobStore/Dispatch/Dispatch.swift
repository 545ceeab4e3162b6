/// Decides which job starts on which machine now.
///
/// Pure: the same input in any order gives the same plan; no clock, no chance, no I/O.
public func dispatch(_ input: DispatchInput) -> DispatchPlan {
  DispatchPlan()
}
