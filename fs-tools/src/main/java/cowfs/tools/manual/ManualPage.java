package cowfs.tools.manual;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/// The manual page of one command, in the language of man(7).
///
/// @param name of the page and of its file, such as `cowfs-subvolume-create`
/// @param text the whole page
public record ManualPage(String name, String text) {
    private static final int SECTION = 1;

    /// The pages of a command line and of all its subcommands that are not hidden.
    ///
    /// @param version shown at the bottom of each
    public static List<ManualPage> of(CommandLine line, String version) {
        List<ManualPage> pages = new ArrayList<>();
        CommandSpec spec = line.getCommandSpec();
        pages.add(new ManualPage(pageName(spec), new Writer(spec, version).text()));
        for (CommandLine each : line.getSubcommands().values()) {
            if (!each.getCommandSpec().usageMessage().hidden()) {
                pages.addAll(of(each, version));
            }
        }
        return pages;
    }

    /// The name of the file that man(1) looks for.
    public String fileName() {
        return name + "." + SECTION;
    }

    private static String pageName(CommandSpec spec) {
        return spec.qualifiedName("-");
    }

    /// One page in the making.
    private static final class Writer {
        private final CommandSpec spec;
        private final StringBuilder out = new StringBuilder();

        Writer(CommandSpec spec, String version) {
            this.spec = spec;
            request(
                    "TH",
                    pageName(spec).toUpperCase(Locale.ROOT),
                    Integer.toString(SECTION),
                    "", // no date: the same model gives the same page
                    "cowfs " + version,
                    "cowfs");
            List<String> description = plain(spec.usageMessage().description());
            request("SH", "NAME");
            raw(escape(pageName(spec)) + " \\- " + escape(firstSentence(description)));
            request("SH", "SYNOPSIS");
            synopsis();
            request("SH", "DESCRIPTION");
            description.forEach(this::paragraph);
            positionals();
            options();
            subcommands();
            request("SH", "EXIT STATUS");
            paragraph(
                    "0: done. 1: failed, or damage was found; one line on standard error says what to do. 2: wrong usage.");
            examples();
            request("SH", "SEE ALSO");
            seeAlso();
        }

        String text() {
            return out.toString();
        }

        private void synopsis() {
            request("B", spec.qualifiedName());
            String rest =
                    new CommandLine.Help(spec, CommandLine.Help.defaultColorScheme(Ansi.OFF))
                            .synopsis(0)
                            .strip()
                            .replaceAll("\\s+", " ");
            line(rest.substring(Math.min(rest.length(), spec.qualifiedName().length())).strip());
        }

        private void positionals() {
            for (PositionalParamSpec each : spec.positionalParameters()) {
                if (!each.hidden()) {
                    item("\\fI" + escape(each.paramLabel()) + "\\fR", plain(each.description()));
                }
            }
        }

        private void options() {
            List<OptionSpec> options =
                    spec.options().stream().filter(option -> !option.hidden()).toList();
            if (options.isEmpty()) {
                return;
            }
            request("SH", "OPTIONS");
            for (OptionSpec option : options) {
                String names =
                        Arrays.stream(option.names())
                                .map(name -> "\\fB" + escape(name) + "\\fR")
                                .collect(Collectors.joining(", "));
                item(
                        takesValue(option)
                                ? names + "=\\fI" + escape(option.paramLabel()) + "\\fR"
                                : names,
                        plain(option.description()));
            }
        }

        private void subcommands() {
            List<CommandSpec> shown =
                    spec.subcommands().values().stream()
                            .map(CommandLine::getCommandSpec)
                            .filter(each -> !each.usageMessage().hidden())
                            .toList();
            if (shown.isEmpty()) {
                return;
            }
            request("SH", "COMMANDS");
            for (CommandSpec each : shown) {
                item(
                        "\\fB" + escape(each.name()) + "\\fR",
                        List.of(firstSentence(plain(each.usageMessage().description()))));
            }
        }

        private void examples() {
            List<String> lines =
                    plain(spec.usageMessage().footer()).stream()
                            .filter(each -> each.startsWith("  "))
                            .toList();
            if (lines.isEmpty()) {
                return;
            }
            request("SH", "EXAMPLES");
            request("PP");
            request("RS", "4");
            request("nf");
            lines.forEach(each -> line(each.strip()));
            request("fi");
            request("RE");
        }

        private void seeAlso() {
            List<String> others = new ArrayList<>();
            @Nullable CommandSpec parent = spec.parent();
            if (parent != null) {
                others.add(pageName(parent));
            }
            for (CommandLine each : spec.subcommands().values()) {
                if (!each.getCommandSpec().usageMessage().hidden()) {
                    others.add(pageName(each.getCommandSpec()));
                }
            }
            raw(
                    others.stream()
                            .map(each -> "\\fB" + escape(each) + "\\fR(" + SECTION + ")")
                            .collect(Collectors.joining(", ")));
        }

        private void item(String tag, List<String> paragraphs) {
            request("TP");
            raw(tag);
            line(String.join(" ", paragraphs));
        }

        private void paragraph(String text) {
            request("PP");
            line(text);
        }

        private void request(String name, String... arguments) {
            out.append('.').append(name);
            for (String argument : arguments) {
                out.append(" \"").append(escape(argument).replace("\"", "\\(dq")).append('"');
            }
            out.append('\n');
        }

        private void line(String text) {
            raw(escape(text));
        }

        /// A line that begins with a point or a quote would be a request.
        private void raw(String escaped) {
            out.append(escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" : "")
                    .append(escaped)
                    .append('\n');
        }
    }

    static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
    }

    private static List<String> plain(String[] markup) {
        return Arrays.stream(markup)
                .map(each -> Ansi.OFF.string(each).replace("%n", " ").replace("%%", "%"))
                .toList();
    }

    private static String firstSentence(List<String> paragraphs) {
        String first = paragraphs.isEmpty() ? "" : paragraphs.getFirst();
        int end = first.indexOf(". ");
        String sentence = end < 0 ? first : first.substring(0, end);
        return sentence.endsWith(".") ? sentence.substring(0, sentence.length() - 1) : sentence;
    }

    private static String escape(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-");
    }
}
