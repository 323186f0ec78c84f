package cowfs.tools.command;

import cowfs.tools.text.Terminal;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The `cowfs` command line with all its subcommands.
///
/// Only the subcommand that is asked for is built, and what all have in common is declared in code:
/// each kind of annotation that picocli reads makes the JDK generate a class, which costs a short
/// command more time than its work (see {@link ListCommand}).
public final class Commands {
    /// In the order of the help.
    private static final List<String> NAMES =
            List.of(
                    "mkfs",
                    "mount",
                    "umount",
                    "subvolume",
                    "snapshot",
                    "clone",
                    "delete",
                    "send",
                    "receive",
                    "stream",
                    "list",
                    "info",
                    "du",
                    "diff",
                    "rollback",
                    "history",
                    "undelete",
                    "cp",
                    "dedup",
                    "replicate",
                    "reclaim",
                    "purge",
                    "get",
                    "set",
                    "policy",
                    "hold",
                    "bookmark",
                    "release",
                    "ls",
                    "cat",
                    "stat",
                    "tree",
                    "extract",
                    "inspect",
                    "report",
                    "check",
                    "scrub",
                    "resize",
                    "trim",
                    "sync",
                    "iostat",
                    "log-level",
                    "completion",
                    "version",
                    "manual",
                    "daemon",
                    "help");

    private Commands() {}

    /// A command line that is asked about itself and not run: for help, completion and manuals.
    public static CommandLine create(String... arguments) {
        return create(OutputStream.nullOutputStream(), arguments);
    }

    /// A fresh command line for these arguments: with the one subcommand that they begin with, or
    /// with all when they begin with none.
    ///
    /// @param data takes results that are bytes and not text
    public static CommandLine create(OutputStream data, String... arguments) {
        boolean one =
                arguments.length > 0
                        && NAMES.contains(arguments[0])
                        && !arguments[0].equals("help"); // which tells of all
        CommandSpec root = CommandSpec.create().name("cowfs");
        root.usageMessage()
                .description("A copy-on-write filesystem in an image file.")
                .synopsisSubcommandLabel("COMMAND");
        CommandLine line = new CommandLine(root);
        for (String name : one ? List.of(arguments[0]) : NAMES) {
            line.addSubcommand(name, command(name, data));
        }
        addStandardOptions(line);
        line.registerConverter(Path.class, new PathConverter());
        line.registerConverter(Bytes.class, new Bytes.Converter());
        line.registerConverter(Interval.class, new Interval.Converter());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setColorScheme(
                CommandLine.Help.defaultColorScheme(
                        Terminal.hasColours(Terminal.OUT)
                                ? CommandLine.Help.Ansi.ON
                                : CommandLine.Help.Ansi.OFF));
        return line;
    }

    /// An annotated command, or its specification.
    private static Object command(String name, OutputStream data) {
        return switch (name) {
            case "mkfs" -> new MkfsCommand();
            case "mount" -> new MountCommand();
            case "umount" -> new UmountCommand();
            case "subvolume" -> new SubvolumeCommand();
            case "snapshot" -> new SnapshotCommand();
            case "clone" -> new CloneCommand();
            case "delete" -> new DeleteCommand();
            case "send" -> new SendCommand();
            case "receive" -> new ReceiveCommand();
            case "stream" -> new StreamCommand();
            case "list" -> ListCommand.specification();
            case "info" -> new InfoCommand();
            case "du" -> new DuCommand();
            case "diff" -> new DiffCommand();
            case "rollback" -> new RollbackCommand();
            case "history" -> new HistoryCommand();
            case "undelete" -> new UndeleteCommand();
            case "cp" -> new CpCommand();
            case "dedup" -> new DedupCommand();
            case "replicate" -> new ReplicateCommand();
            case "reclaim" -> new ReclaimCommand();
            case "purge" -> new PurgeCommand();
            case "get" -> new GetCommand();
            case "set" -> new SetCommand();
            case "policy" -> new PolicyCommand();
            case "bookmark" -> new BookmarkCommand();
            case "hold" -> new HoldCommand();
            case "release" -> new ReleaseCommand();
            case "ls" -> new LsCommand();
            case "cat" -> new CatCommand(data);
            case "stat" -> new StatCommand();
            case "tree" -> new TreeCommand();
            case "extract" -> new ExtractCommand();
            case "inspect" -> new InspectCommand();
            case "report" -> new ReportCommand();
            case "check" -> new CheckCommand();
            case "scrub" -> new ScrubCommand();
            case "resize" -> new ResizeCommand();
            case "trim" -> new TrimCommand();
            case "sync" -> new SyncCommand();
            case "iostat" -> new IostatCommand();
            case "log-level" -> new LogLevelCommand();
            case "completion" -> new CompletionCommand();
            case "version" -> new VersionCommand();
            case "manual" -> new ManualCommand();
            case "daemon" -> new DaemonCommand();
            case "help" -> new HelpCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }

    /// `--help`, `--version` and an example, for a command and all below it.
    private static void addStandardOptions(CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        spec.versionProvider(new VersionCommand());
        if (!spec.usageMessage().hidden()) {
            Examples.addTo(spec);
        }
        spec.addOption(
                OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Show this help message and exit.")
                        .build());
        spec.addOption(
                OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Print version information and exit.")
                        .build());
        line.getSubcommands().values().forEach(Commands::addStandardOptions);
    }
}
