package cowfs.model;

import cowfs.api.Ref;
import cowfs.file.Attributes;
import cowfs.file.NewInode;
import cowfs.file.Volume;
import cowfs.file.Volume.RenameMode;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Random steps that make, move, remove and read names.
final class NameSteps {
    private static final int[] NODE_TYPES = {
        Attributes.FIFO, Attributes.SOCKET, Attributes.CHARACTER_DEVICE, Attributes.BLOCK_DEVICE
    };

    private final Choice choice;

    NameSteps(Choice choice) {
        this.choice = choice;
    }

    Step createFile() throws IOException {
        return create(NewInode.regular(choice.below(010000), choice.below(5), choice.below(5)));
    }

    Step makeDirectory() throws IOException {
        return create(NewInode.directory(choice.below(010000), choice.below(5), choice.below(5)));
    }

    Step makeNode() throws IOException {
        int type = NODE_TYPES[choice.below(NODE_TYPES.length)];
        boolean device = type == Attributes.CHARACTER_DEVICE || type == Attributes.BLOCK_DEVICE;
        return create(new NewInode(type | 0600, 0, 0, device ? choice.below(1 << 20) : 0));
    }

    private Step create(NewInode start) throws IOException {
        Place made = newPlace(choice.subvolume());
        return Step.growing(
                String.format("create %s mode=%o", made, start.mode()),
                side -> {
                    Volume volume = side.volume(made.ref());
                    long parent = Side.find(volume, made.parent());
                    return Step.text(volume.create(parent, made.nameBytes(), start));
                });
    }

    Step symlink() throws IOException {
        Place made = newPlace(choice.subvolume());
        byte[] target = choice.bytes(1 + choice.below(choice.oneIn(5) ? 4095 : 100));
        for (int i = 0; i < target.length; i++) {
            target[i] |= 1;
        }
        return Step.growing(
                "symlink " + made + " target of " + target.length + " bytes",
                side -> {
                    Volume volume = side.volume(made.ref());
                    long parent = Side.find(volume, made.parent());
                    NewInode start = NewInode.regular(0, 3, 4);
                    return Step.text(volume.symlink(parent, made.nameBytes(), target, start));
                });
    }

    @Nullable Step link() throws IOException {
        boolean directoriesToo = choice.oneIn(10);
        Place source =
                choice.entry(
                        choice.subvolume(), type -> directoriesToo || type != Attributes.DIRECTORY);
        if (source == null) {
            return null;
        }
        Place directory = choice.directory(source.ref());
        Place made =
                choice.attributes(source).isDirectory()
                        ? directory.child(choice.freshName())
                        : directory.child(choice.name());
        return Step.growing(
                "link " + source + " as " + made,
                side -> {
                    Volume volume = side.volume(made.ref());
                    long inode = Side.find(volume, source);
                    long parent = Side.find(volume, made.parent());
                    return Step.text(volume.link(inode, parent, made.nameBytes()));
                });
    }

    @Nullable Step unlink() throws IOException {
        boolean directoriesToo = choice.oneIn(20);
        Ref ref = choice.subvolume();
        Place gone = choice.entry(ref, type -> directoriesToo || type != Attributes.DIRECTORY);
        if (gone == null) {
            return null;
        }
        return Step.growing(
                "unlink " + gone,
                side -> {
                    Volume volume = side.volume(gone.ref());
                    long inode = Side.find(volume, gone);
                    volume.unlink(Side.find(volume, gone.parent()), gone.nameBytes());
                    return "unlinked an inode " + (inode > 0);
                });
    }

    @Nullable Step removeDirectory() throws IOException {
        boolean filesToo = choice.oneIn(20);
        Ref ref = choice.subvolume();
        Place gone = choice.entry(ref, type -> filesToo || type == Attributes.DIRECTORY);
        if (gone == null) {
            return null;
        }
        return Step.growing(
                "removeDirectory " + gone,
                side -> {
                    Volume volume = side.volume(gone.ref());
                    volume.removeDirectory(Side.find(volume, gone.parent()), gone.nameBytes());
                    return "";
                });
    }

    @Nullable Step rename() throws IOException {
        Place from = choice.entry(choice.subvolume(), type -> true);
        if (from == null) {
            return null;
        }
        RenameMode mode = choice.oneIn(3) ? choice.of(RenameMode.class) : RenameMode.REPLACE;
        boolean whiteout = choice.oneIn(6);
        Place taken = choice.oneIn(2) ? choice.entry(from.ref(), type -> true) : null;
        Place to = taken == null ? newPlace(from.ref()) : taken;
        return Step.growing(
                "rename " + from + " to " + to + " " + mode + (whiteout ? " whiteout" : ""),
                side -> {
                    Volume volume = side.volume(from.ref());
                    long fromParent = Side.find(volume, from.parent());
                    long toParent = Side.find(volume, to.parent());
                    byte[] name = from.nameBytes();
                    byte[] newName = to.nameBytes();
                    if (whiteout) {
                        volume.renameLeavingWhiteout(
                                fromParent, name, toParent, newName, mode, 7, 8);
                    } else {
                        volume.rename(fromParent, name, toParent, newName, mode);
                    }
                    return "";
                });
    }

    /// Something with a name that no directory has.
    Step useMissingName() throws IOException {
        Place missing = choice.directory(choice.subvolume()).child(choice.freshName());
        int what = choice.below(4);
        return Step.growing(
                "use the missing " + missing + " in way " + what,
                side -> {
                    Volume volume = side.volume(missing.ref());
                    long parent = Side.find(volume, missing.parent());
                    byte[] name = missing.nameBytes();
                    switch (what) {
                        case 0 -> volume.lookup(parent, name);
                        case 1 -> volume.unlink(parent, name);
                        case 2 -> volume.removeDirectory(parent, name);
                        default -> volume.rename(parent, name, parent, name, RenameMode.REPLACE);
                    }
                    return "found";
                });
    }

    /// Reads a directory in pieces.
    Step readDirectory() throws IOException {
        Place place = choice.directory(choice.subvolume());
        int pieceCount = 1 + choice.below(20);
        return Step.free(
                "readDirectory " + place + " by " + pieceCount,
                side -> {
                    Volume volume = side.volume(place.ref());
                    return listing(volume, Side.find(volume, place), pieceCount);
                });
    }

    private static String listing(Volume volume, long directory, int pieceCount)
            throws IOException {
        Map<String, Integer> types = new TreeMap<>();
        long[] last = {0};
        int[] left = {0};
        int before;
        do {
            before = types.size();
            left[0] = pieceCount;
            volume.readDirectory(
                    directory,
                    last[0],
                    (name, inode, type, cookie) -> {
                        if (left[0]-- == 0) {
                            return false;
                        }
                        last[0] = cookie;
                        return types.put(ModelTree.text(name), type) == null;
                    });
        } while (types.size() > before);
        return types.toString();
    }

    private Place newPlace(Ref ref) throws IOException {
        return choice.directory(ref).child(choice.name());
    }
}
