"""How fast Upstate is, beside the limits of the machine and other tools, on the same data and servers in one run.

    ./upstate bench --help

docs/performance.md tells what each row means and what was measured last.
"""
