package cowfs.tools.command;

import cowfs.api.CheckReport;
import cowfs.api.Finding;
import cowfs.api.Images;
import cowfs.api.RepairReport;
import cowfs.error.CountText;
import cowfs.tools.place.ImageFile;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `cowfs check`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "check",
        description = {
            "Verify everything in an image that is not mounted, without changing it.",
            "With --repair, mend what is damaged and list what is lost.",
            "Exit code 0: clean, or repaired; 1: damage was found, or it could not be done."
        })
final class CheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "IMAGE", description = "The image.")
    Path path;

    @Option(
            names = "--repair",
            description =
                    "Make a sound image from all that can be read. Damaged metadata that has a good copy is better"
                            + " left to 'cowfs scrub'. Copy the image first if you can.")
    boolean repair;

    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        Path image = ImageFile.require(path);
        PoolLocator.requireUnmounted(image);
        if (repair) {
            return repair(image);
        }
        CheckReport report;
        try (Progress progress = Progress.onTerminal("checked")) {
            report = PoolLocator.openWaiting(image, () -> Images.check(image, progress::show));
        }
        output.print(PoolJson.of(report), out -> print(report, out));
        return report.isClean() ? 0 : 1;
    }

    private int repair(Path image) throws IOException {
        RepairReport report;
        try (Progress progress = Progress.onTerminal("checked")) {
            report = PoolLocator.openWaiting(image, () -> Images.repair(image, progress::show));
        }
        output.print(
                PoolJson.of(report),
                out -> {
                    if (!report.changed()) {
                        print(report.before(), out);
                        return;
                    }
                    report.before().findings().forEach(out::println);
                    report.actions().forEach(action -> out.println("repair: " + action));
                    report.lost().forEach(out::println);
                    out.println(
                            "repaired: "
                                    + CountText.of(report.before().findingCount(), "finding")
                                    + " before, none now; "
                                    + (report.lost().isEmpty()
                                            ? "nothing was lost"
                                            : CountText.of(
                                                            report.lost().size(),
                                                            "loss is",
                                                            "losses are")
                                                    + " listed above"));
                    print(report.after(), out);
                });
        return 0;
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
                                : "damaged: " + CountText.of(report.findingCount(), "finding"))
                        + ", txg "
                        + report.txg()
                        + "; verified "
                        + CountText.of(report.nodeCount(), "node")
                        + ", "
                        + CountText.of(report.dataBlockCount(), "data block")
                        + ", "
                        + CountText.of(report.inodeCount(), "inode")
                        + " in "
                        + CountText.of(
                                report.subvolumeCount(),
                                "subvolume or snapshot",
                                "subvolumes and snapshots"));
    }
}
