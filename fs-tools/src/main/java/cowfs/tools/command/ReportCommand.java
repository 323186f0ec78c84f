package cowfs.tools.command;

import cowfs.api.CheckReport;
import cowfs.api.Images;
import cowfs.api.Inspector;
import cowfs.api.Pool;
import cowfs.api.PoolInfo;
import cowfs.api.SpaceUsage;
import cowfs.api.SubvolumeInfo;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.files.Missing;
import cowfs.tools.place.ImageFile;
import cowfs.tools.place.PoolLocator;
import cowfs.tools.report.ReportData;
import cowfs.tools.report.ReportPage;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/// `cowfs report`.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
@Command(
        name = "report",
        description = {
            "Make one page about an image that is not mounted: its lineage, space, block map, fragmentation, largest"
                    + " folders and health. The page needs no network and no script. Exit code 1 when damage was found."
        })
final class ReportCommand implements Callable<Integer> {
    private static final int FOLDERS = 25;

    @Parameters(paramLabel = "IMAGE", description = "The image, not mounted.")
    Path path;

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description =
                    "Where the page goes; - for standard output. A file that is there is replaced"
                            + " when the page is done.")
    Path target;

    @Option(names = "--no-check", description = "Leave out the check, which reads all data.")
    boolean unchecked;

    @Mixin Output output;

    @Override
    public Integer call() throws IOException {
        if (Dash.is(target) && output.json) {
            throw new ParameterException(
                    output.command.commandLine(),
                    "--json and the page can't both go to standard output: name a file");
        }
        Path image = ImageFile.require(path);
        if (Files.isDirectory(target) || target.toAbsolutePath().equals(image)) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    target + " can't be the page: name a file, such as report.html");
        }
        PoolLocator.requireUnmounted(image);
        ReportData data =
                PoolLocator.openWaiting(
                        image,
                        () -> {
                            PoolLocator.requireUnlocked(image);
                            return collect(image);
                        });
        String page = ReportPage.of(data);
        CheckReport check = data.check();
        boolean clean = data.missing().isEmpty() && (check == null || check.isClean());
        if (Dash.is(target)) {
            output.writer().println(page);
            return clean ? 0 : 1;
        }
        int pageBytes = write(page);
        Map<String, @Nullable Object> json = PoolJson.members();
        json.put("page", target.toString());
        json.put("bytes", pageBytes);
        json.put("checked", check != null);
        json.put("finding_count", check == null ? 0 : check.findingCount());
        json.put("missing", data.missing());
        output.print(
                json,
                out ->
                        out.println(
                                "made "
                                        + target
                                        + (clean ? "" : "; the image is damaged, see there")));
        return clean ? 0 : 1;
    }

    private ReportData collect(Path image) throws IOException {
        CheckReport check = null;
        if (!unchecked) {
            try (Progress progress = Progress.onTerminal("checked")) {
                check = Images.check(image, progress::show);
            }
        }
        Set<String> lost = new LinkedHashSet<>();
        Missing missing = new Missing(lost::add);
        try (Pool pool = Images.openDamaged(image, missing);
                Inspector inspector = Inspector.open(image)) {
            PoolInfo info = pool.info();
            List<SubvolumeInfo> subvolumes = pool.list();
            Map<String, @Nullable Object> map = inspector.map(ReportPage.MAP_CELLS);
            Map<String, @Nullable Object> folders = inspector.largestFolders(FOLDERS);
            Map<String, @Nullable Object> statistics = inspector.statistics();
            List<SpaceUsage> usage = usage(pool, subvolumes, lost);
            if (statistics.get("damage") instanceof List<?> damage) {
                damage.forEach(line -> lost.add(String.valueOf(line)));
            }
            return new ReportData(
                    image.getFileName().toString(),
                    VersionCommand.version(),
                    Clock.systemUTC().instant(),
                    info,
                    subvolumes,
                    usage,
                    check,
                    map,
                    folders,
                    statistics,
                    List.copyOf(lost));
        }
    }

    /// One that can't be walked is told and left out.
    private static List<SpaceUsage> usage(
            Pool pool, List<SubvolumeInfo> subvolumes, Set<String> lost) throws IOException {
        try {
            return pool.spaceUsage(List.of());
        } catch (CowException damaged) {
            return usageOfEach(pool, subvolumes, lost);
        }
    }

    private static List<SpaceUsage> usageOfEach(
            Pool pool, List<SubvolumeInfo> subvolumes, Set<String> lost) throws IOException {
        List<SpaceUsage> usage = new ArrayList<>();
        for (SubvolumeInfo each : subvolumes) {
            try {
                usage.addAll(pool.spaceUsage(List.of(each.ref())));
            } catch (CowException damaged) {
                lost.add("the space of " + each.ref() + ": " + damaged.getMessage());
            }
        }
        return usage;
    }

    private int write(String page) throws IOException {
        byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
        try (OutputFile file = new OutputFile(target)) {
            file.stream().write(bytes);
            file.finish();
        }
        return bytes.length;
    }
}
