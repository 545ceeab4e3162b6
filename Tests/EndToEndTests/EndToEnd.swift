import Testing

/// Real programs on throw-away folders, with a supervisor. One after the other: they share two cores and mean what they say about time.
@Suite(.serialized) struct EndToEnd {}

/// The same without a supervisor: a driver of one's own. Beside those with one, one after the other among themselves.
@Suite(.serialized) struct EndToEndDirect {}

/// Deaths and power cuts, and what comes after them; beside the others as well.
@Suite(.serialized) struct EndToEndSurvival {}

/// Lasers and mills, terminals and slow sources; beside the others as well.
@Suite(.serialized) struct EndToEndAttended {}
