"""All tools, in the order in which they are run."""

from benchmarks.peers import Peer
from benchmarks.peers.bulk_create import BulkCreate
from benchmarks.peers.moving import Dlt, Ingestr, PgDump, Sling
from benchmarks.peers.reladiff import Reladiff


def all_of_them() -> list[Peer]:
    return [
        PgDump(),
        Ingestr(),
        Sling(),
        Dlt(),
        BulkCreate(),
        Reladiff("reladiff 0.6.0, 4 threads", "-j4", "--bisection-threshold", "50000"),
        Reladiff("reladiff 0.6.0"),
    ]
