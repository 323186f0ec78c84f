package cowfs.tools.place;

import cowfs.tools.control.FileIdentity;
import cowfs.tools.control.RuntimeDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Other processes that stand in the way, found in `/proc` as far as this user may look.
public final class Processes {
    private static final Path PROC = Path.of("/proc");
    private static final int MAX_NAMED = 3;

    private Processes() {}

    /// Who holds a lock on a file, such as `process 812 (java)`; `another process` when that can't
    /// be told.
    public static String lockHolder(Path file) {
        try {
            return lookupLockHolder(file).map(Processes::named).orElse("another process");
        } catch (IOException e) {
            return "another process (" + e.getMessage() + ")";
        }
    }

    /// Whether any process holds a lock on a file.
    public static boolean isLocked(Path file) throws IOException {
        return lookupLockHolder(file).isPresent();
    }

    private static Optional<String> lookupLockHolder(Path file) throws IOException {
        String place = FileIdentity.of(file).lockPlace();
        for (String line : Files.readAllLines(PROC.resolve("locks"))) {
            // 1: POSIX  ADVISORY  WRITE 812 fe:00:2146655 0 EOF
            List<String> words = List.of(line.strip().split("\\s+", -1));
            int at = words.indexOf(place);
            if (at > 0 && !words.contains("->")) {
                return Optional.of(words.get(at - 1));
            }
        }
        return Optional.empty();
    }

    /// Where a file is that a process has open, whatever it was called when it was opened; ends in
    /// ` (deleted)` when it has no name any more. Empty when that can't be told.
    public static Optional<Path> pathOf(long pid, FileIdentity file) {
        try (Stream<Path> open = Files.list(PROC.resolve(Long.toString(pid)).resolve("fd"))) {
            for (Path link : (Iterable<Path>) open::iterator) {
                if (isLinkTo(file, link)) {
                    return Optional.of(Files.readSymbolicLink(link));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty(); // it ended, or is somebody else's
        }
        return Optional.empty();
    }

    private static boolean isLinkTo(FileIdentity file, Path link) {
        try {
            return FileIdentity.of(link).equals(file);
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    /// Processes, other than `except`, that work in a directory or have a file open below it, such
    /// as `process 812 (bash)`; empty when none can be told.
    public static String usersOf(Path directory, long except) {
        List<String> users = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                String pid = process.getFileName().toString();
                if (!pid.equals(Long.toString(except)) && uses(process, directory)) {
                    users.add(named(pid));
                }
            }
        } catch (IOException e) {
            return "";
        }
        String named = users.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
        return users.size() > MAX_NAMED
                ? named + " and " + (users.size() - MAX_NAMED) + " more"
                : named;
    }

    /// Processes to whom a filesystem is still mounted, such as `process 812 (bash)`, one of each
    /// mount namespace; empty when none can be told.
    ///
    /// @param device as {@link MountTable.Entry#device} has it
    public static String whoSees(String device) {
        Map<Path, String> byNamespace = new LinkedHashMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                noteIfSees(process, device, byNamespace);
            }
        } catch (IOException e) {
            return "";
        }
        return byNamespace.values().stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
    }

    private static void noteIfSees(Path process, String device, Map<Path, String> byNamespace) {
        try {
            Path namespace = Files.readSymbolicLink(process.resolve("ns/mnt"));
            if (!byNamespace.containsKey(namespace)
                    && MountTable.of(process).all().stream()
                            .anyMatch(mount -> mount.device().equals(device))) {
                byNamespace.put(namespace, named(process.getFileName().toString()));
            }
        } catch (IOException e) {
            return; // it ended, or is somebody else's
        }
    }

    private static boolean uses(Path process, Path directory) {
        List<Path> links =
                List.of(process.resolve("cwd"), process.resolve("root"), process.resolve("exe"));
        try (Stream<Path> open = Files.list(process.resolve("fd"))) {
            return Stream.concat(links.stream(), open).anyMatch(link -> leadsInto(link, directory));
        } catch (IOException | UncheckedIOException e) {
            return false; // it ended, or is somebody else's
        }
    }

    private static boolean leadsInto(Path link, Path directory) {
        try {
            return Files.readSymbolicLink(link).startsWith(directory);
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    private static String named(String pid) {
        try {
            Path process = PROC.resolve(pid);
            int user = (int) Files.getAttribute(process, "unix:uid");
            return "process "
                    + pid
                    + " ("
                    + Files.readString(process.resolve("comm")).strip()
                    + ")"
                    + (user == RuntimeDirectory.userId() ? "" : " of " + Users.named(user));
        } catch (IOException e) {
            return "process " + pid;
        }
    }
}
