package cowfs.check;

import cowfs.format.Blocks;

/// Counts verified blocks and tells a listener now and then. Not thread safe.
final class Progress {
    private static final long STEP_BLOCKS = 1024;

    private final CheckProgress listener;
    private final long totalBlocks;
    private long doneBlocks;
    private long toldBlocks;

    Progress(CheckProgress listener, long totalBlocks) {
        this.listener = listener;
        this.totalBlocks = totalBlocks;
    }

    void add(long blocks) {
        doneBlocks += blocks;
        if (doneBlocks - toldBlocks >= STEP_BLOCKS) {
            tell();
        }
    }

    void finish() {
        doneBlocks = Math.max(doneBlocks, totalBlocks);
        tell();
    }

    private void tell() {
        toldBlocks = doneBlocks;
        listener.progress(
                Blocks.toBytes(doneBlocks), Blocks.toBytes(Math.max(doneBlocks, totalBlocks)));
    }
}
