import GCode

/// The box in which a file of a laser or mill works; how it is read stands in `GCode`, for those who have no store.
public typealias WorkBounds = GCode.WorkBounds
