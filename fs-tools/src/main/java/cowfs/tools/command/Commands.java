package cowfs.tools.command;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `cowfs` command line with all its subcommands.
@Command(
        name = "cowfs",
        description = "A copy-on-write filesystem in an image file.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = VersionCommand.class,
        scope = CommandLine.ScopeType.INHERIT)
public final class Commands {
    private Commands() {}

    /// A fresh command line.
    public static CommandLine create() {
        CommandLine line = new CommandLine(new Commands());
        for (Object command :
                List.of(
                        new MkfsCommand(),
                        new MountCommand(),
                        new UmountCommand(),
                        new SubvolumeCommand(),
                        new SnapshotCommand(),
                        new CloneCommand(),
                        new DeleteCommand(),
                        new ListCommand(),
                        new InfoCommand(),
                        new DuCommand(),
                        new DiffCommand(),
                        new GetCommand(),
                        new SetCommand(),
                        new HoldCommand(),
                        new ReleaseCommand(),
                        new CheckCommand(),
                        new ScrubCommand(),
                        new SyncCommand(),
                        new VersionCommand(),
                        new DaemonCommand(),
                        new HelpCommand())) {
            line.addSubcommand(command);
        }
        line.registerConverter(Bytes.class, new Bytes.Converter());
        line.registerConverter(Interval.class, new Interval.Converter());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }
}
