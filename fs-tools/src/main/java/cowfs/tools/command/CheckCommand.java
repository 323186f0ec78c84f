package cowfs.tools.command;

import cowfs.api.CheckReport;
import cowfs.api.Finding;
import cowfs.api.Images;
import cowfs.tools.place.ImageFile;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `cowfs check`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "check",
        description = {
            "Verify everything in an image that is not mounted, without changing it.",
            "Exit code 0: clean; 1: damage was found, or the check could not be done."
        })
final class CheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "IMAGE", description = "The image.")
    Path path;

    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        Path image = ImageFile.require(path);
        PoolLocator.requireUnmounted(image);
        CheckReport report;
        try (Progress progress = Progress.onTerminal("checked")) {
            report = PoolLocator.openWaiting(image, () -> Images.check(image, progress::show));
        }
        output.print(PoolJson.of(report), out -> print(report, out));
        return report.isClean() ? 0 : 1;
    }

    private static void print(CheckReport report, PrintWriter out) {
        for (Finding finding : report.findings()) {
            out.println(finding);
        }
        if (report.findingCount() > report.findings().size()) {
            out.println("... and " + (report.findingCount() - report.findings().size()) + " more");
        }
        out.println(
                (report.isClean()
                                ? "clean"
                                : "damaged: "
                                        + report.findingCount()
                                        + (report.findingCount() == 1 ? " finding" : " findings"))
                        + ", txg "
                        + report.txg()
                        + "; verified "
                        + report.nodeCount()
                        + " nodes, "
                        + report.dataBlockCount()
                        + " data blocks, "
                        + report.inodeCount()
                        + " inodes in "
                        + report.subvolumeCount()
                        + " subvolumes and snapshots");
    }
}
