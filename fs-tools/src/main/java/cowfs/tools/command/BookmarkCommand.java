package cowfs.tools.command;

import picocli.CommandLine.Command;

/// `cowfs bookmark`: the group of what is done with bookmarks.
@Command(
        name = "bookmark",
        description = {
            "Keep a snapshot as a base to send from, without its space.",
            "A bookmark is made of a snapshot that the receiver has, and stays when that is deleted:"
                    + " 'cowfs send POOL SUBVOL@SNAP --from SUBVOL#BOOKMARK' sends what has changed"
                    + " since. It holds no file: nothing can be read or brought back from it. A"
                    + " rollback of the subvolume ends the use of those that were made before it."
        },
        subcommands = {
            BookmarkCreateCommand.class,
            BookmarkListCommand.class,
            BookmarkDeleteCommand.class
        })
final class BookmarkCommand {}
