package cowfs.tools.command;

import cowfs.api.PinnedState;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.tools.files.ImageFiles;
import cowfs.tools.files.ImageFiles.OutputException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import picocli.CommandLine.Command;

/// `cowfs cat`: the one command whose result is not text.
@Command(
        name = "cat",
        description = {
            "Write the content of a file to standard output, without a mount.",
            "Symbolic links are followed within the subvolume. What can't be read comes out as zeros, so that the"
                    + " rest keeps its place, is told on stderr, and makes the exit code 1."
        })
final class CatCommand extends FileCommand {
    private static final byte[] ZEROS = new byte[1 << 16];

    private final OutputStream data;
    private long position;

    /// @param data takes the content
    CatCommand(OutputStream data) {
        this.data = data;
    }

    @Override
    void checkArguments() throws IOException {
        super.checkArguments();
        if (output.json) {
            throw new RequestException(
                    ErrorKind.INVALID,
                    "'cat' has nothing to say in JSON: 'cowfs stat --json' tells what a file is");
        }
    }

    @Override
    void run(PinnedState state, ImageFiles files) throws IOException {
        Attributes file = files.find(place(), true);
        if (!file.isRegular()) {
            throw new RequestException(
                    file.isDirectory() ? ErrorKind.IS_A_DIRECTORY : ErrorKind.INVALID,
                    place()
                            + (file.isDirectory()
                                    ? " is a directory: 'cowfs ls' lists it, 'cowfs extract' copies it"
                                    : " is no regular file, it has no content"));
        }
        position = 0;
        try {
            files.read(file, place().path(), this::write);
            zeros(file.sizeBytes());
            data.flush();
        } catch (OutputException closed) {
            // whoever reads has had enough, or the disk is full: the end of the process tells it
        }
    }

    private void write(long offset, ByteBuffer piece) throws IOException {
        zeros(offset);
        try {
            data.write(piece.array(), piece.arrayOffset() + piece.position(), piece.remaining());
        } catch (IOException failed) {
            throw new OutputException("the content can't be written", failed);
        }
        position = offset + piece.remaining();
    }

    private void zeros(long end) throws OutputException {
        try {
            while (position < end) {
                int count = (int) Math.min(ZEROS.length, end - position);
                data.write(ZEROS, 0, count);
                position += count;
            }
        } catch (IOException failed) {
            throw new OutputException("the content can't be written", failed);
        }
    }
}
