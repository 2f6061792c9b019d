import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The partition of a pool, as Touchline computes it (docs/producers.md). */
public final class PoolPartition {
    /** Pools that the built-in reference gives a partition; a reference file of your installation may give more. */
    private static final Map<String, Integer> CONFIGURED = Map.of(
            "england", 0, "spain", 1, "germany", 2, "italy", 3, "france", 4,
            "simulation", 5, "simulation-b", 6, "international", 7);

    private PoolPartition() {}

    /** Returns the partition, of so many, that carries the pool. */
    public static int of(String pool, int partitions) {
        Integer configured = CONFIGURED.get(pool);
        if (configured != null) {
            return configured % partitions;
        }
        int hash = 0x811C9DC5; // FNV-1a of 32 bits, over the bytes of the id
        for (byte b : pool.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * 0x01000193;
        }
        return Integer.remainderUnsigned(hash, partitions); // the hash is unsigned, Java's int is not
    }

    /** Prints the partition of each POOL/PARTITIONS. */
    public static void main(String[] args) {
        for (String arg : args) {
            String[] parts = arg.split("/");
            System.out.println(of(parts[0], Integer.parseInt(parts[1])));
        }
    }
}
