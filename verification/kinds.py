"""The kinds of differences as the screens name them (seed 002), and what each means for whoever reads them."""

from interchange.choices import DifferenceKind

KINDS = {
    DifferenceKind.NOT_AT_STATE: "Not at State",
    DifferenceKind.NOT_AT_DISTRICT: "Not at District",
    DifferenceKind.DIFFERENCE: "Differences",
    DifferenceKind.DUPLICATE: "Duplicates",
}

MEANINGS = {
    DifferenceKind.NOT_AT_STATE: "The district has these records, the state does not. A resync sends them.",
    DifferenceKind.NOT_AT_DISTRICT: (
        "The state has these records, the district no longer does. A resync does not take them away: that is done here."
    ),
    DifferenceKind.DIFFERENCE: (
        "Both have these records, with other values in the fields named. A resync gives the state the district's."
    ),
    DifferenceKind.DUPLICATE: (
        "Several rows of the district share one of these keys, so the state cannot tell which of them counts. Leave "
        "one of each in the district's database, then verify again. They are no errors of their own."
    ),
}
