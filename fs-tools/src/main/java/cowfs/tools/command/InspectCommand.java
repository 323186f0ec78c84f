package cowfs.tools.command;

import picocli.CommandLine.Command;

/// `cowfs inspect`: the group of the commands that look into an image.
@Command(
        name = "inspect",
        description = {
            "Look into an image that is not mounted: what lies where, damaged or not. Writes nothing."
        },
        subcommands = {
            InspectSuperCommand.class,
            InspectTreeCommand.class,
            InspectNodeCommand.class,
            InspectSpaceCommand.class,
            InspectRefsCommand.class,
            InspectFileCommand.class,
            InspectTxgCommand.class,
            InspectStatsCommand.class
        })
final class InspectCommand {}
