package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class PrometheusTextTest {
    @Test
    void metricsHaveTheirKindAndLabelsAreEscaped() {
        assertEquals(
                "# HELP x_total What it is.\n"
                        + "# TYPE x_total counter\n"
                        + "x_total 12\n"
                        + "x_total{dir=\"/a \\\"b\\\" \\\\c\\nd\"} 0.500000000\n",
                new PrometheusText()
                        .metric("x_total", "counter", "What it is.")
                        .sample("x_total", Map.of(), 12)
                        .sample("x_total", Map.of("dir", "/a \"b\" \\c\nd"), 0.5)
                        .toString());
    }
}
