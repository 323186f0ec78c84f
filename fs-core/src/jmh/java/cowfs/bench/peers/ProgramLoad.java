package cowfs.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What programs do: a tree unpacked and removed, a repository cloned and looked at, a database
/// that commits one row at a time.
///
/// @param archive an uncompressed tar file
/// @param repository a git repository
/// @param statements one `insert` a line for the `sqlite3` command, for a table `t(v)`
/// @param statementCount how many
record ProgramLoad(Path archive, Path repository, Path statements, int statementCount)
        implements Load {
    @Override
    public List<Figure> run(Peer peer) throws IOException {
        Path top = Files.createDirectory(peer.mountPoint().resolve("programs"));
        Path tree = Files.createDirectory(top.resolve("tree"));
        Path clone = top.resolve("clone");
        List<Figure> figures = new ArrayList<>();
        figures.add(time("untar", top, "tar", "-xf", archive.toString(), "-C", tree.toString()));
        peer.run("sync", "-f", top.toString());
        figures.add(time("rm -r", top, "rm", "-r", tree.toString()));
        figures.add(
                time(
                        "git clone",
                        top,
                        "git",
                        "clone",
                        "-q",
                        "--no-hardlinks",
                        repository.toString(),
                        clone.toString()));
        peer.remount();
        figures.add(time("git status", clone, "git", "status", "--porcelain"));
        figures.add(inserts("SQLite, WAL", top, "wal"));
        figures.add(inserts("SQLite, rollback journal", top, "delete"));
        peer.run("rm", "-r", top.toString());
        return figures;
    }

    private static Figure time(String name, Path directory, String... command) throws IOException {
        long start = System.nanoTime();
        Shell.run(directory, command);
        return Figure.time(name, System.nanoTime() - start);
    }

    private Figure inserts(String name, Path top, String journal) throws IOException {
        String database = top.resolve(journal + ".db").toString();
        String setUp = "pragma journal_mode=" + journal + "; create table t(v);";
        Shell.run(top, "sqlite3", database, setUp);
        long start = System.nanoTime();
        Shell.run(top, statements, List.of("sqlite3", "-cmd", "pragma synchronous=full", database));
        return Figure.rate(name, "tx/s", statementCount, System.nanoTime() - start);
    }
}
