package cowfs.model;

import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.SetIdBits;
import cowfs.file.Volume;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Copies a file, or a directory with all below, from one volume into another of the same pool:
/// content is shared, and owner, mode, times, flags, extended attributes and hard links are what
/// they were.
///
/// The plain way, one call of {@link Volume} at a time: what {@link cowfs.fs.SubtreeCopy} must come
/// to.
final class ModelCopy {
    private final Volume source;
    private final Volume target;

    /// What files with several names have become, so that the next name is one more link.
    private final Map<Long, Long> linked = new HashMap<>();

    private long count;

    ModelCopy(Volume source, Volume target) {
        this.source = source;
        this.target = target;
    }

    /// A directory whose entries are to be copied.
    private record Pair(Attributes from, long to) {}

    /// How many names it has made.
    long count() {
        return count;
    }

    /// @param inode of the source
    /// @param directory of the volume, which has no such name
    /// @throws IOException `EXISTS`, `NO_SPACE`
    void copy(long inode, long directory, byte[] name) throws IOException {
        Attributes attributes = source.getAttributes(inode);
        if (!attributes.isDirectory()) {
            copyFile(attributes, directory, name);
        } else {
            copyTree(attributes, directory, name);
        }
        for (Map.Entry<Long, Long> each : linked.entrySet()) {
            copyFlags(source.getAttributes(each.getKey()), each.getValue());
        }
    }

    private void copyTree(Attributes top, long directory, byte[] name) throws IOException {
        List<Pair> made = new ArrayList<>();
        Deque<Pair> open = new ArrayDeque<>();
        open.push(new Pair(top, target.create(directory, name, start(top)).inode()));
        while (!open.isEmpty()) {
            Pair pair = open.pop();
            made.add(pair);
            count++;
            source.readDirectory(
                    pair.from.inode(),
                    2,
                    (entry, child, type, cookie) -> {
                        Attributes from = source.getAttributes(child);
                        if (from.isDirectory()) {
                            long to = target.create(pair.to, entry, start(from)).inode();
                            open.push(new Pair(from, to));
                        } else {
                            copyFile(from, pair.to, entry);
                        }
                        return true;
                    });
        }
        // only now: what is made in a directory moves its times, and flags may forbid it
        for (Pair pair : made.reversed()) {
            copyAttributes(pair.from, pair.to);
            copyFlags(pair.from, pair.to);
        }
    }

    private static NewInode start(Attributes from) {
        return new NewInode(from.mode(), from.uid(), from.gid(), from.device());
    }

    private void copyFile(Attributes from, long directory, byte[] name) throws IOException {
        count++;
        Long known = linked.get(from.inode());
        if (known != null) {
            target.link(known, directory, name);
            return;
        }
        long inode;
        if (from.isRegular()) {
            inode = target.createUnlinked(directory, start(from)).inode();
            try {
                target.cloneFile(source, from.inode(), inode, SetIdBits.KEEP);
                copyAttributes(from, inode);
                target.link(inode, directory, name);
            } finally {
                target.release(inode, 1);
            }
        } else {
            inode =
                    from.isSymlink()
                            ? target.symlink(
                                            directory,
                                            name,
                                            source.readLink(from.inode()),
                                            start(from))
                                    .inode()
                            : target.create(directory, name, start(from)).inode();
            copyAttributes(from, inode);
        }
        if (from.linkCount() > 1) {
            linked.put(from.inode(), inode); // flags would forbid the next link
        } else {
            copyFlags(from, inode);
        }
    }

    private void copyAttributes(Attributes from, long inode) throws IOException {
        // first, as it takes capabilities away
        target.setAttributes(inode, AttributeChange.ofOwner(from.uid(), from.gid()));
        for (byte[] name : target.listXattrs(inode)) {
            target.removeXattr(inode, name); // inherited from the directory
        }
        for (byte[] name : source.listXattrs(from.inode())) {
            target.setXattr(
                    inode, name, source.getXattr(from.inode(), name), XattrMode.CREATE_OR_REPLACE);
        }
        if (!from.isSymlink()) {
            target.setAttributes(inode, AttributeChange.ofMode(from.mode() & 07777));
        }
        target.setAttributes(inode, AttributeChange.ofTimes(from.accessed(), from.modified()));
    }

    private void copyFlags(Attributes from, long inode) throws IOException {
        if (from.flags() != 0) {
            target.setAttributes(inode, AttributeChange.ofFlags(from.flags()));
        }
    }
}
