package cowfs.tools.command;

import cowfs.api.OpenOptions;
import cowfs.api.PoolInfo;
import cowfs.error.CountText;
import cowfs.tools.control.MountService;
import cowfs.tools.control.MountService.ServedMount;
import cowfs.tools.place.ImageFile;
import cowfs.tools.place.MountPoint;
import cowfs.tools.place.MountTable;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.place.PoolSession;
import cowfs.tools.place.Processes;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import cowfs.tools.text.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/// `cowfs info`.
@Command(name = "info", description = "Show a pool's sizes, format and state.")
final class InfoCommand extends PoolCommand {
    private static final Set<String> ALARMING = Set.of("WARNING", "FAILED", "damage");

    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
    }

    @Override
    void tellLostMounts(PoolSession session) {
        // they are among the warnings
    }

    @Override
    void run(PoolSession session) throws IOException {
        PoolInfo info = session.pool().info();
        Optional<MountService.Status> daemon =
                session.isMounted()
                        ? Optional.of(session.mounts().orElseThrow().status())
                        : Optional.empty();
        Map<String, @Nullable Object> json = PoolJson.of(info);
        json.put("image", session.image().toString());
        json.put("pid", daemon.map(MountService.Status::pid).orElse(null));
        json.put("log", daemon.map(MountService.Status::log).map(Path::toString).orElse(null));
        List<MountTable.Entry> foreign = new ArrayList<>();
        List<String> lost = List.of();
        if (daemon.isEmpty()) {
            lost = MountPoint.lost(session.image());
            for (MountTable.Entry mount : PoolLocator.mountsOf(session.image())) {
                if (!MountPoint.of(mount.directory()).isStale()) {
                    foreign.add(mount);
                }
            }
        }
        json.put(
                "mounts",
                daemon.isPresent()
                        ? daemon.get().mounts().stream().map(ServedMount::toJson).toList()
                        : foreign.stream().map(InfoCommand::toJson).toList());
        List<String> warnings = warnings(session.image(), info, daemon);
        warnings.addAll(lost);
        json.put("warnings", warnings);
        output.print(
                json,
                out -> {
                    print(session.image(), info, daemon, out);
                    for (MountTable.Entry mount : foreign) {
                        line(out, "mounted", "on " + mount.directory() + " by " + mount.user());
                    }
                    if (!foreign.isEmpty()) {
                        line(out, "daemon", Processes.lockHolder(session.image()));
                    }
                    warnings.forEach(warning -> line(out, "WARNING", warning));
                });
    }

    /// A mount that a daemon of another user serves, which tells nobody else what it shows there.
    private static Map<String, @Nullable Object> toJson(MountTable.Entry mount) {
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("ref", null);
        json.put("dir", mount.directory().toString());
        json.put("read_only", null);
        return json;
    }

    private static List<String> warnings(
            Path image, PoolInfo info, Optional<MountService.Status> daemon) throws IOException {
        List<String> warnings = new ArrayList<>();
        if (!info.recoveryNote().isEmpty()) {
            warnings.add(info.recoveryNote());
        }
        if (daemon.isPresent() && !daemon.get().image().equals(image)) {
            warnings.add(
                    Files.exists(image)
                            ? "the image was renamed while it is mounted; it was "
                                    + daemon.get().image()
                            : "the image was deleted and goes with its last unmount: copy what you need out of"
                                    + " the mount");
        }
        if (Files.isRegularFile(image)) {
            long growth = info.sizeBytes() - ImageFile.allocatedBytes(image);
            long room = Files.getFileStore(image).getUsableSpace();
            if (room < growth) {
                warnings.add(
                        "the disk that the image lies on has "
                                + Sizes.format(room)
                                + " free, and the image may still grow by "
                                + Sizes.format(growth)
                                + "; when the disk is full the pool stops taking changes");
            }
        }
        return warnings;
    }

    private static void print(
            Path image, PoolInfo info, Optional<MountService.Status> daemon, PrintWriter out) {
        line(out, "image", image.toString());
        if (!info.label().isEmpty()) {
            line(out, "label", info.label());
        }
        line(out, "uuid", info.uuid().toString());
        line(out, "size", Sizes.format(info.sizeBytes()));
        line(
                out,
                "used",
                Sizes.format(info.usedBytes())
                        + " ("
                        + Sizes.format(info.dataBytes())
                        + " data, "
                        + Sizes.format(info.metadataBytes())
                        + " metadata)");
        line(out, "free", Sizes.format(info.freeBytes()));
        line(
                out,
                "for nodes",
                Sizes.format(info.metadataFreeBytes()) + ", free for metadata alone");
        line(
                out,
                "reserved",
                Sizes.format(info.reservedBytes()) + ", so that deleting always works");
        line(
                out,
                "format",
                "version "
                        + info.formatVersion()
                        + ", nodes of "
                        + Sizes.format(info.nodeSizeBytes())
                        + ", metadata "
                        + (info.metadataCopies() == 1 ? "once" : "twice"));
        line(out, "txg", Long.toString(info.txg()));
        line(
                out,
                "holds",
                CountText.of(info.subvolumeCount(), "subvolume")
                        + ", "
                        + CountText.of(info.snapshotCount(), "snapshot")
                        + (info.reclaimingCount() == 0
                                ? ""
                                : ", "
                                        + info.reclaimingCount()
                                        + " deleted, space still coming back"));
        if (info.repairedCopyCount() + info.badCopyCount() + info.unreadableBlockCount() > 0) {
            line(out, "damage", damage(info));
        }
        daemon.ifPresent(status -> print(status, out));
        if (!info.failure().isEmpty()) {
            line(out, "FAILED", info.failure());
        }
    }

    private static String damage(PoolInfo info) {
        return CountText.of(info.repairedCopyCount(), "copy of metadata", "copies of metadata")
                + " repaired, "
                + CountText.of(info.badCopyCount(), "bad copy")
                + " not repaired, "
                + CountText.of(info.unreadableBlockCount(), "unreadable block")
                + ", since the image was opened; see 'cowfs scrub'";
    }

    private static void print(MountService.Status daemon, PrintWriter out) {
        for (ServedMount mount : daemon.mounts()) {
            line(
                    out,
                    "mounted",
                    mount.ref()
                            + " on "
                            + mount.directory()
                            + (mount.readOnly() ? " (read-only)" : ""));
            line(out, "", "transport " + mount.transport());
        }
        line(out, "daemon", "process " + daemon.pid() + ", log " + daemon.log());
    }

    private static void line(PrintWriter out, String name, String value) {
        String text = name + " ".repeat(10 - name.length()) + value;
        boolean alarming = ALARMING.contains(name) && Terminal.hasColours(Terminal.OUT);
        out.println(alarming ? Terminal.red(text) : text);
    }
}
