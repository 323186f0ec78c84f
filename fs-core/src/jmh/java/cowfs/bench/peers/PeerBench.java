package cowfs.bench.peers;

import cowfs.bench.Report;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Measures cowfs and its peers in one run: each load on each peer in turn, several passes,
/// medians.
@Command(name = "peers", mixinStandardHelpOptions = true)
public final class PeerBench implements Callable<Integer> {
    @Option(names = "--peers", split = ",", description = "which ones, the first is the measure")
    private List<String> peerNames = Peers.NAMES;

    @Option(
            names = "--loads",
            split = ",",
            description = "of small, large, programs, snapshots; default: all")
    private List<String> loadNames = List.of("small", "large", "programs", "snapshots");

    @Option(names = "--passes", description = "how often each load runs on each peer (default: 3)")
    private int passes = 3;

    @Option(
            names = "--files",
            description =
                    "small files, a multiple of 100; passthrough_ll needs an open file for each"
                            + " (default: 20000)")
    private int fileCount = 20_000;

    @Option(names = "--quick", description = "small numbers and one pass, to see that it works")
    private boolean quick;

    @Option(names = "--json", description = "where the result goes as JSON")
    private @Nullable Path json;

    @Option(names = "--home", required = true, description = "where images and mounts go")
    private @Nullable Path home;

    @Option(names = "--repository", required = true, description = "a git repository to clone")
    private @Nullable Path repository;

    private final Map<String, Map<String, List<Double>>> values = new LinkedHashMap<>();
    private final Map<String, String> units = new LinkedHashMap<>();
    private final List<String> failures = new ArrayList<>();
    private final PrintStream progress = System.err;

    public static void main(String[] words) {
        System.exit(new CommandLine(new PeerBench()).execute(words));
    }

    @Override
    public Integer call() throws IOException {
        Path base = Files.createDirectories(Objects.requireNonNull(home)).toRealPath();
        Path place = Files.createTempDirectory(base, "peers");
        List<Peer> peers = new ArrayList<>();
        try {
            Map<String, Load> loads = loads(place);
            for (String each : peerNames) {
                Peer peer = Peers.of(each, place);
                peers.add(peer);
                peer.create();
            }
            for (int pass = 0; pass < (quick ? 1 : passes); pass++) {
                for (String each : loadNames) {
                    Load load = loads.get(each);
                    if (load == null) {
                        throw new IllegalArgumentException("there is no load '" + each + "'");
                    }
                    measure(pass, each, load, peers);
                }
            }
        } finally {
            closeAll(peers);
            Shell.run(base, "rm", "-rf", "--one-file-system", place.toString());
        }
        Report report = report();
        report.print(System.out);
        failures.forEach(System.out::println);
        if (json != null) {
            report.write(json);
        }
        return 0;
    }

    private Map<String, Load> loads(Path place) throws IOException {
        Path archive = place.resolve("tree.tar");
        Path cloned = Objects.requireNonNull(repository).toRealPath();
        archiveSources(archive, cloned, quick ? 1 : 12);
        int statementCount = quick ? 50 : 2000;
        Path statements = place.resolve("statements.sql");
        String statement = "insert into t values(randomblob(100));\n";
        Files.writeString(statements, statement.repeat(statementCount));
        return Map.of(
                "small", new SmallFileLoad(quick ? 1000 : fileCount),
                "large", new LargeFileLoad(quick ? 16 : 512, quick ? 50 : 1000),
                "programs", new ProgramLoad(archive, cloned, statements, statementCount),
                "snapshots", new SnapshotLoad(quick ? 16 : 256));
    }

    /// A source tree of thousands of files: the newest state of the repository, several times.
    private static void archiveSources(Path archive, Path repository, int copies)
            throws IOException {
        Path sources = Files.createDirectory(archive.resolveSibling("sources"));
        String origin = "file://" + repository;
        for (int i = 0; i < copies; i++) {
            Shell.run(sources, "git", "clone", "-q", "--depth", "1", origin, "copy" + i);
        }
        Shell.run(sources, "tar", "-cf", archive.toString(), "--exclude=.git", ".");
    }

    private void measure(int pass, String name, Load load, List<Peer> peers) throws IOException {
        for (Peer peer : peers) {
            progress.println("pass " + (pass + 1) + ", " + name + ", " + peer.name());
            peer.run("sync");
            List<Figure> figures;
            try {
                figures = load.run(peer);
            } catch (IOException | DirectoryIteratorException refused) {
                // that is a result too, and the others are not to be kept from theirs
                failures.add(
                        peer.name()
                                + " failed '"
                                + name
                                + "', pass "
                                + (pass + 1)
                                + ": "
                                + refused);
                peer.remount();
                peer.run("find", peer.mountPoint().toString(), "-mindepth", "1", "-delete");
                continue;
            }
            for (Figure each : figures) {
                units.put(each.name(), each.unit());
                values.computeIfAbsent(each.name(), unseen -> new LinkedHashMap<>())
                        .computeIfAbsent(peer.name(), unseen -> new ArrayList<>())
                        .add(each.value());
            }
        }
    }

    /// One row for each load; beside the value of each peer how many times better the first one is.
    private Report report() {
        String first = peerNames.getFirst();
        Report report =
                new Report("Mounted filesystems, medians; x: how many times better " + first);
        values.forEach(
                (name, byPeer) -> {
                    String unit = Objects.requireNonNull(units.get(name));
                    Report.Row row = report.row().put("load", name).put("unit", unit);
                    double base = median(byPeer.getOrDefault(first, List.of()));
                    for (String peer : peerNames) {
                        double value = median(byPeer.getOrDefault(peer, List.of()));
                        if (Double.isNaN(value)) {
                            continue;
                        }
                        row.put(peer, value);
                        if (!peer.equals(first) && !Double.isNaN(base)) {
                            row.put("x " + peer, Figure.advantage(unit, base, value));
                        }
                    }
                });
        return report;
    }

    private static double median(List<Double> values) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /// All of them, whatever goes wrong with one.
    private static void closeAll(List<Peer> peers) throws IOException {
        IOException failure = null;
        for (Peer each : peers) {
            try {
                each.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
