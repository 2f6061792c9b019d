"""The partition of a pool, as Touchline computes it (docs/producers.md). Standard library only.

    pool_partition.py POOL/PARTITIONS...      prints the partition of each
"""

import sys

# Pools that the built-in reference gives a partition; a reference file of your installation may give more.
CONFIGURED = {
    "england": 0,
    "spain": 1,
    "germany": 2,
    "italy": 3,
    "france": 4,
    "simulation": 5,
    "simulation-b": 6,
    "international": 7,
}


def pool_partition(pool: str, partitions: int) -> int:
    """Return the partition, of so many, that carries the pool."""
    if pool in CONFIGURED:
        return CONFIGURED[pool] % partitions
    hashed = 0x811C9DC5  # FNV-1a of 32 bits, over the bytes of the id
    for byte in pool.encode("utf-8"):
        hashed = ((hashed ^ byte) * 0x01000193) & 0xFFFFFFFF
    return hashed % partitions


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        name, count = argument.split("/")
        print(pool_partition(name, int(count)))
