import Testing

/// Real programs on throw-away folders. One after the other: they share two cores and mean what they say about time.
@Suite(.serialized) struct EndToEnd {}
