package cowfs.tools.command;

import cowfs.api.OpenOptions;
import cowfs.api.PoolInfo;
import cowfs.tools.control.MountService;
import cowfs.tools.control.MountService.ServedMount;
import cowfs.tools.place.PoolSession;
import cowfs.tools.text.PoolJson;
import cowfs.tools.text.Sizes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/// `cowfs info`.
@Command(name = "info", description = "Show a pool's sizes, format and state.")
final class InfoCommand extends PoolCommand {
    @Override
    OpenOptions options() {
        return OpenOptions.READ_ONLY;
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
        json.put(
                "mounts",
                daemon.map(MountService.Status::mounts).orElse(List.of()).stream()
                        .map(ServedMount::toJson)
                        .toList());
        output.print(json, out -> print(session.image(), info, daemon, out));
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
        line(out, "reserved", Sizes.format(info.reservedBytes()));
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
                info.subvolumeCount()
                        + " subvolumes, "
                        + info.snapshotCount()
                        + " snapshots"
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
        return info.repairedCopyCount()
                + " copies of metadata repaired, "
                + info.badCopyCount()
                + " bad copies not repaired, "
                + info.unreadableBlockCount()
                + " unreadable blocks, since the image was opened; see 'cowfs scrub'";
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
        out.println(name + " ".repeat(10 - name.length()) + value);
    }
}
