package cowfs.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a browser makes of a report: a script is put into a copy of the page that measures what is
/// laid out, and writes it down as attributes of the document. Needs Debian's chromium, which
/// `scripts/test` installs.
final class ReportBrowserIT {
    private static final Path BROWSER = Path.of("/usr/bin/chromium");
    private static final String NAME = "main@a-name-that-is-as-long-as-people-make-them-in-the-end";

    /// Every text is measured against what lies behind it (WCAG 2.1, contrast ratio); every control
    /// is focused in turn and must show it.
    private static final String PROBE =
            """
            const found = document.documentElement.dataset;
            const channel = value => {
              const c = value / 255;
              return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
            };
            const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
            const numbers = colour => colour.match(/[0-9.]+/g).map(Number);
            const behind = element => {
              for (let e = element; e; e = e.parentElement) {
                const colour = numbers(getComputedStyle(e).backgroundColor);
                if (colour.length === 3 || colour[3] > 0) return colour;
              }
              return [255, 255, 255];
            };
            let least = 21;
            let smallest = 1000;
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              const element = node.parentElement;
              if (!node.data.trim() || element.closest("title, style, script")) continue;
              const style = getComputedStyle(element);
              const ink = element instanceof SVGElement ? style.fill : style.color;
              const [a, b] = [luminance(numbers(ink)), luminance(behind(element))];
              least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
              const box = element.getBoundingClientRect();
              if (element instanceof SVGElement) smallest = Math.min(smallest, box.height);
            }
            found.contrast = least.toFixed(2);
            found.drawnText = smallest.toFixed(1);
            found.overflow = document.scrollingElement.scrollWidth - document.documentElement.clientWidth;
            let hidden = 0;
            let controls = 0;
            for (const each of document.querySelectorAll("a, summary, [tabindex]")) {
              each.focus({focusVisible: true});
              const style = getComputedStyle(each);
              const box = each.getBoundingClientRect();
              const seen = document.activeElement === each && style.outlineStyle !== "none"
                  && parseFloat(style.outlineWidth) >= 2 && box.width > 0 && box.left >= 0;
              controls++;
              hidden += seen ? 0 : 1;
            }
            found.controls = controls;
            found.hiddenFocus = hidden;
            found.unnamed = [...document.querySelectorAll("[role=img], [role=region], section, nav")]
                .filter(e => !e.getAttribute("aria-label") && !e.getAttribute("aria-labelledby")).length;
            found.listed = document.querySelectorAll("#lineage details li").length;
            """;

    @TempDir private static Path directory;

    private static Path page;

    @BeforeAll
    static void makeReport() throws IOException {
        assertTrue(Files.exists(BROWSER), "install chromium, as scripts/test does");
        Path image = directory.resolve("image");
        Images.format(image, new FormatOptions(256L << 20, 8192, 2, "house"), false);
        try (Pool pool = Images.open(image, OpenOptions.DEFAULTS)) {
            Volume main = pool.volume(Ref.MAIN);
            for (int i = 0; i < 20; i++) {
                byte[] name = ("a-folder-with-a-long-name-" + i).getBytes(StandardCharsets.UTF_8);
                long folder = main.create(1, name, NewInode.directory(0755, 0, 0)).inode();
                long file = main.create(folder, name, NewInode.regular(0644, 0, 0)).inode();
                main.write(file, 0, ByteBuffer.wrap(new byte[300_000]));
                if (i % 8 == 0) {
                    pool.snapshot(Ref.parse(NAME + i));
                }
            }
            pool.cloneSubvolume(Ref.parse(NAME + 8), "clone");
        }
        page = directory.resolve("report.html");
        Run.inProcess("report", image, "-o", page).succeeded();
    }

    /// What the probe found on a screen of a width. The page lies in a frame, since no window is as
    /// narrow as a phone.
    private static Element layOut(int width) throws IOException, InterruptedException {
        Document html = Jsoup.parse(Files.readString(page));
        html.outputSettings().prettyPrint(false);
        html.body().appendElement("script").append(PROBE);
        Document outer = Document.createShell("");
        outer.body()
                .appendElement("iframe")
                .attr("style", "height:800px;width:" + width + "px")
                .attr("srcdoc", html.outerHtml());
        outer.body()
                .appendElement("script")
                .append(
                        "onload = () => Object.assign(document.documentElement.dataset,"
                                + " frames[0].document.documentElement.dataset);");
        Path framed = directory.resolve("framed-" + width + ".html");
        Files.writeString(framed, outer.outerHtml());
        String laidOut = browse("--window-size=1400,900", "--dump-dom", framed.toUri().toString());
        return Jsoup.parse(laidOut).expectFirst("html");
    }

    private static String browse(String... arguments) throws IOException, InterruptedException {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        ProcessBuilder browser =
                new ProcessBuilder(
                        BROWSER.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-background-networking",
                        "--user-data-dir=" + directory.resolve("profile"));
        browser.command().addAll(List.of(arguments));
        Process running = browser.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try {
            assertTrue(running.waitFor(120, TimeUnit.SECONDS), "the browser ends");
        } finally {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly().waitFor();
        }
        assertEquals(0, running.exitValue(), Files.readString(err));
        return Files.readString(out);
    }

    @ParameterizedTest
    @ValueSource(ints = {360, 1280})
    void thePageFitsCanBeReadAndWalkedWithTheKeyboard(int width) throws Exception {
        Element found = layOut(width);
        assertEquals("0", found.attr("data-overflow"), "pixels that the page is too wide");
        double contrast = Double.parseDouble(found.attr("data-contrast"));
        assertTrue(contrast >= 4.5, "the least contrast of a text is " + contrast);
        double drawn = Double.parseDouble(found.attr("data-drawn-text"));
        assertTrue(drawn >= 11, "the smallest text in a drawing is pixels high: " + drawn);
        assertTrue(Integer.parseInt(found.attr("data-controls")) >= 10, found.attributes().html());
        assertEquals("0", found.attr("data-hidden-focus"), "controls that do not show their focus");
        assertEquals("0", found.attr("data-unnamed"), "regions and drawings without a name");
        assertEquals("5", found.attr("data-listed"), "lineage as text");
    }

    @Test
    void thePageCanBePrinted() throws Exception {
        Path paper = directory.resolve("paper.pdf");
        browse("--print-to-pdf=" + paper, "--no-pdf-header-footer", page.toUri().toString());
        String pdf = Files.readString(paper, StandardCharsets.ISO_8859_1);
        assertTrue(pdf.startsWith("%PDF"));
        long pages = pdf.split("/Type\\s*/Page\\b", -1).length - 1;
        assertTrue(pages >= 1 && pages <= 6, "pages: " + pages);
    }
}
