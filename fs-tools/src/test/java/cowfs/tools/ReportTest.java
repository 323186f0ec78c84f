package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.FormatOptions;
import cowfs.api.Images;
import cowfs.api.OpenOptions;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page of `cowfs report`.
final class ReportTest {
    private static final String EVIL = "<script>alert('x')</script>&\"";

    @TempDir Path directory;

    private Path image(long sizeBytes, int snapshots) throws IOException {
        Path image = directory.resolve("image");
        Images.format(image, new FormatOptions(sizeBytes, 4096, 2, EVIL), false);
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            long dir =
                    main.create(
                                    1,
                                    "<b>folder".getBytes(StandardCharsets.US_ASCII),
                                    NewInode.directory(0700, 0, 0))
                            .inode();
            byte[] content = new byte[200_000];
            for (int i = 0; i <= snapshots; i++) {
                new Random(i).nextBytes(content);
                long file =
                        main.create(
                                        dir,
                                        ("f" + i).getBytes(StandardCharsets.US_ASCII),
                                        NewInode.regular(0600, 0, 0))
                                .inode();
                main.write(file, 0, ByteBuffer.wrap(content));
                if (i < snapshots) {
                    pool.snapshot(new Ref("main", "<i>s" + i));
                }
            }
            pool.cloneSubvolume(new Ref("main", "<i>s0"), "clone&co");
        }
        return image;
    }

    private Document read(Path page) throws IOException {
        return Jsoup.parse(Files.readString(page));
    }

    @Test
    void thePageStandsAloneAndSaysWhatThereIs() throws IOException {
        Path image = image(64L << 20, 3);
        byte[] before = Files.readAllBytes(image);
        Path page = directory.resolve("report.html");
        Run.inProcess("report", image, "-o", page).succeeded();
        assertArrayEquals(before, Files.readAllBytes(image));
        Document html = read(page);
        assertEquals("cowfs report: image", html.title());
        assertEquals(EVIL, html.selectFirst("h1").text());
        assertEquals(0, html.select("script, link, iframe, img, object").size());
        for (Element each : html.select("[href], [src]")) {
            assertTrue(each.attr("href").startsWith("#"), each.outerHtml());
            assertTrue(html.getElementById(each.attr("href").substring(1)) != null);
        }
        assertFalse(html.outerHtml().contains("http"), "nothing is loaded from anywhere");
        assertFalse(html.outerHtml().contains("url("));
        assertTrue(html.select("#health .verdict").text().startsWith("Clean."));
        assertEquals(5, html.select("#lineage circle").size());
        assertEquals(1, html.select("#lineage path.clone").size());
        List<String> names = html.select("#space tbody th").eachText();
        assertTrue(names.containsAll(List.of("main", "main@<i>s0", "clone&co")), names.toString());
        Element first =
                html.select("#space tbody tr").stream()
                        .filter(row -> row.select("th").text().equals("main@<i>s0"))
                        .findFirst()
                        .orElseThrow();
        assertTrue(first.text().contains("clone&co"), first.text());
        assertTrue(html.select("#folders th").eachText().contains("main:/<b>folder"));
        assertEquals(2, html.select("#map figure svg[role=img]").size());
        assertTrue(html.select("#map .legend").text().contains("metadata"));
        for (Element drawing : html.select("svg[role=img]")) {
            for (String id : drawing.attr("aria-labelledby").split(" ", -1)) {
                assertTrue(html.getElementById(id) != null, id);
            }
        }
    }

    @Test
    void aLargeImageWithManySnapshotsGivesASmallPage() throws IOException {
        Path image = image(1L << 40, 400);
        Path page = directory.resolve("report.html");
        Run.inProcess("report", "--no-check", image, "-o", page).succeeded();
        assertTrue(Files.size(page) < 2 << 20, "bytes: " + Files.size(page));
        Document html = read(page);
        assertTrue(html.select("#health").text().contains("--no-check"));
        assertTrue(html.select("#lineage").text().contains("200 of 402"));
        assertTrue(html.select("#space").text().contains("and 102 more"));
    }

    @Test
    void damageIsTheFirstThingOnThePage() throws IOException {
        Path image = image(64L << 20, 1);
        byte[] content = new byte[200_000];
        new Random(0).nextBytes(content);
        String all = new String(Files.readAllBytes(image), StandardCharsets.ISO_8859_1);
        int at = all.indexOf(new String(content, 0, 4096, StandardCharsets.ISO_8859_1));
        assertTrue(at > 0);
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), at + 10);
        }
        Path page = directory.resolve("report.html");
        Run run = Run.inProcess("report", image, "-o", page);
        assertEquals(1, run.exitCode(), run.err());
        Document html = read(page);
        assertTrue(html.select("#health .bad").text().startsWith("Damaged: "));
        assertFalse(html.select("#health tbody tr").isEmpty());
    }

    @Test
    void thePageGoesToStandardOutputWhenItsNameIsADash() throws IOException {
        Path image = image(64L << 20, 1);
        Run run = Run.inProcess("report", image, "-o", "-").succeeded();
        assertEquals("cowfs report: image", Jsoup.parse(run.out()).title());
        assertTrue(run.out().endsWith("</html>" + System.lineSeparator()));
        assertFalse(Files.exists(Path.of("-")));
        Run.inProcess("report", "--json", image, "-o", "-").failed(2, "name a file");
    }

    @Test
    void badInputIsOneLineAndLeavesNothing() throws IOException {
        Path image = image(64L << 20, 1);
        Run.inProcess("report", image).failed(2, "--output");
        Run.inProcess("report", image, "-o", directory).failed(1, "name a file");
        Run.inProcess("report", image, "-o", image).failed(1, "name a file");
        Run.inProcess("report", image, "-o", directory.resolve("no/page"))
                .failed(1, directory.resolve("no") + " does not exist");
        Run.inProcess("report", directory.resolve("none"), "-o", directory.resolve("page"))
                .failed(1, "does not exist");
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(image), files.toList());
        }
    }
}
