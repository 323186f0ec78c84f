package cowfs.tools.command;

import picocli.CommandLine.Command;

/// `cowfs policy`: the group of what is done with policies.
@Command(
        name = "policy",
        description = {
            "Have snapshots taken and thinned out by rules, such as '15m:4 1h:24 1d:30 1w:8'.",
            "A rule 1h:24 keeps the newest snapshot of each of the 24 newest hours that have one. A"
                    + " snapshot is taken in each period of the first rule, the shortest: by the daemon"
                    + " while the image is mounted, and by 'cowfs policy run' from a timer otherwise."
                    + " They are called auto-TIME; no other snapshot is ever deleted, and none that is"
                    + " held."
        },
        subcommands = {
            PolicySetCommand.class,
            PolicyShowCommand.class,
            PolicyRemoveCommand.class,
            PolicyRunCommand.class
        })
final class PolicyCommand {}
