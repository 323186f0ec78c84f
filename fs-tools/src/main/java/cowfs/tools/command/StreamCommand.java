package cowfs.tools.command;

import picocli.CommandLine.Command;

/// `cowfs stream`: the group of what is done with streams in files.
@Command(
        name = "stream",
        description = "Look into send streams, and verify them, without an image.",
        subcommands = {StreamDumpCommand.class, StreamVerifyCommand.class})
final class StreamCommand {}
