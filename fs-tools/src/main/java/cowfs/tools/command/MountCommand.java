package cowfs.tools.command;

import cowfs.api.OpenOptions;
import cowfs.api.Ref;
import cowfs.error.CommandHint;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.fuse.Transport;
import cowfs.tools.control.Endpoint;
import cowfs.tools.control.Log;
import cowfs.tools.control.MountService;
import cowfs.tools.daemon.Daemon;
import cowfs.tools.daemon.DaemonProcess;
import cowfs.tools.daemon.DaemonSettings;
import cowfs.tools.daemon.FuseMounter;
import cowfs.tools.place.ImageFile;
import cowfs.tools.place.MountPoint;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.place.PoolSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `cowfs mount`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "mount",
        description = {
            "Mount a subvolume or snapshot; it is up when the command returns.",
            "A daemon serves all mounts of an image and ends with the last of them.",
            "With -o ro the files of this mount take no changes; commands such as 'snapshot' still change the image."
                    + " An image that can't be written is opened read-only as a whole."
        })
final class MountCommand implements Callable<Integer> {
    @Mixin MountArguments arguments;

    @Option(
            names = "--foreground",
            description = "Serve the mount in this process, until it is unmounted.")
    boolean foreground;

    @Option(
            names = "--as-of",
            paramLabel = "TIME",
            converter = AsOf.Converter.class,
            description = AsOf.DESCRIPTION)
    @Nullable AsOf asOf;

    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        Path image = ImageFile.require(arguments.image);
        MountPoint point = MountPoint.of(arguments.directory).requireFree();
        DaemonSettings settings =
                Usage.read(output.command, () -> arguments.settings(image, point.directory()));
        if (asOf != null) {
            arguments.ref = snapshot(image, settings.mount().ref(), asOf).toString();
            settings = arguments.settings(image, point.directory());
        }
        if (!mountServed(settings)) {
            mountUnserved(settings);
        }
        if (arguments.transport == Transport.JNR) {
            output.note(
                    "transport jnr has no writeback cache, SEEK_HOLE, rename flags, reflink by cp, O_TMPFILE or"
                            + " readdirplus, and requests of 128 KiB at most");
        }
        return 0;
    }

    private Ref snapshot(Path image, Ref live, AsOf time) throws IOException {
        Usage.read(
                output.command,
                () -> {
                    AsOf.requireLive(live);
                    return live;
                });
        try (PoolSession session = PoolLocator.open(image, OpenOptions.READ_ONLY)) {
            return time.snapshot(live, session.pool().list(), output::note);
        } catch (RequestException none) {
            throw CommandHint.inPool(none, image);
        }
    }

    /// @return false when no daemon serves the image
    private boolean mountServed(DaemonSettings settings) throws IOException {
        Path image = settings.image();
        Endpoint endpoint = Endpoint.of(image);
        Optional<PoolSession> served =
                PoolLocator.openWaiting(image, () -> PoolLocator.connect(image, endpoint));
        if (served.isEmpty()) {
            return false;
        }
        try (PoolSession session = served.get()) {
            if (arguments.cache != null || arguments.commit != null) {
                output.note("the image is served already: --cache and --commit have no effect");
            }
            MountService mounts = session.mounts().orElseThrow();
            Daemon.FirstMount mount = settings.mount();
            mounts.mount(mount.ref(), mount.directory(), mount.options());
            output.printQuietly(mounts.status().toJson());
        }
        return true;
    }

    private void mountUnserved(DaemonSettings settings) throws IOException {
        if (foreground) {
            DaemonProcess.run(
                    settings,
                    new FuseMounter(settings.image()),
                    new Log(System.err),
                    this::mounted);
            return;
        }
        try {
            mounted(DaemonProcess.launch(settings, output::note).members());
        } catch (CowException e) {
            // another mount command at the same time was first
            if (e.kind() != ErrorKind.BUSY || !mountServed(settings)) {
                throw e;
            }
        }
    }

    private void mounted(Map<String, @Nullable Object> reply) throws IOException {
        if (reply.get(DaemonProcess.PREVIOUS_END) instanceof String end && !end.isEmpty()) {
            output.note(end);
        }
        output.printQuietly(reply);
    }
}
