package cowfs.tools.command;

import cowfs.tools.control.Log;
import cowfs.tools.daemon.DaemonProcess;
import cowfs.tools.daemon.DaemonSettings;
import cowfs.tools.daemon.FuseMounter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What `cowfs mount` starts: the daemon.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(name = "daemon", hidden = true, description = "Serve an image; started by 'mount'.")
final class DaemonCommand implements Callable<Integer> {
    @Mixin MountArguments arguments;

    @Option(names = "--log", paramLabel = "FILE", required = true, description = "Its log.")
    Path log;

    @Override
    public Integer call() throws IOException {
        DaemonSettings settings = arguments.settings(arguments.image, arguments.directory);
        return DaemonProcess.runDetached(
                settings, new FuseMounter(settings.image()), new Log(System.err), log, System.out);
    }
}
