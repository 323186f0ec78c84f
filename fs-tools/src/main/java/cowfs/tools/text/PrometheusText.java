package cowfs.tools.text;

import java.util.Locale;
import java.util.Map;

/// Metrics in the text format of Prometheus, version 0.0.4. Not thread safe.
public final class PrometheusText {
    private final StringBuilder text = new StringBuilder();

    /// Begins a metric.
    ///
    /// @param type `counter`, `gauge` or `summary`
    public PrometheusText metric(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        return this;
    }

    /// A sample of the metric.
    public PrometheusText sample(String name, Map<String, String> labels, double value) {
        text.append(name);
        String separator = "{";
        for (Map.Entry<String, String> label : labels.entrySet()) {
            text.append(separator).append(label.getKey());
            text.append("=\"").append(escape(label.getValue())).append('"');
            separator = ",";
        }
        text.append(labels.isEmpty() ? " " : "} ");
        text.append(
                value == Math.rint(value) && Math.abs(value) < 1e15
                        ? Long.toString((long) value)
                        : String.format(Locale.ROOT, "%.9f", value));
        text.append('\n');
        return this;
    }

    private static String escape(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
