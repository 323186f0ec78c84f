package cowfs.tools.command;

import picocli.CommandLine.Command;

/// `cowfs subvolume`: the group of what is done to subvolumes.
@Command(
        name = "subvolume",
        description = "Create, rename and delete subvolumes.",
        subcommands = {
            SubvolumeCreateCommand.class,
            SubvolumeRenameCommand.class,
            SubvolumeDeleteCommand.class
        })
final class SubvolumeCommand {}
