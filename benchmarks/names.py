"""The names of the cases, as the table tells them."""

FIRST, UNCHANGED = "first load", "unchanged"
SCATTERED, CLUSTERED = "1 % changed, scattered", "1 % changed, clustered"
SELECTIVE = "50,000 keys selectively"
EQUAL, DIFFERENT = "verification, equal", "verification, 0.1 % different"

RESYNCS = frozenset({FIRST, UNCHANGED, SCATTERED, CLUSTERED})
VERIFICATIONS = frozenset({EQUAL, DIFFERENT})

# What `--only` calls them.
BY_WORD = {
    "first": FIRST,
    "unchanged": UNCHANGED,
    "scattered": SCATTERED,
    "clustered": CLUSTERED,
    "selective": SELECTIVE,
    "equal": EQUAL,
    "different": DIFFERENT,
}
# Rows that belong to no single case.
STARTING = "starting and doing nothing"
