package cowfs.faults;

import static cowfs.model.VolumeFixture.ROOT;

import cowfs.api.Ref;
import cowfs.file.NewInode;
import cowfs.file.Volume.XattrMode;
import cowfs.model.VolumeFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/// What an image is filled with. Each step adds a little, and may be refused for lack of space.
enum Filling {
    /// Large files.
    DATA {
        @Override
        void step(FullImage image, int i, Random random) throws IOException {
            long inode = image.create("d" + i);
            image.main().write(inode, 0, ByteBuffer.allocate(1 + random.nextInt(1 << 20)));
        }
    },
    /// Files that live in leaves.
    SMALL_FILES {
        @Override
        void step(FullImage image, int i, Random random) throws IOException {
            long inode = image.create("s" + i);
            image.main().write(inode, 0, ByteBuffer.allocate(random.nextInt(1300)));
        }
    },
    /// Snapshots, each with content that it does not share.
    SNAPSHOTS {
        @Override
        void step(FullImage image, int i, Random random) throws IOException {
            long inode =
                    i < 200
                            ? image.create("f" + i)
                            : image.main()
                                    .lookup(ROOT, VolumeFixture.name("f" + random.nextInt(200)))
                                    .inode();
            image.main().write(inode, 4096L * random.nextInt(50), ByteBuffer.allocate(20_000));
            if (i >= 200) {
                image.pool().snapshot(Ref.parse("main@s" + i));
            }
        }
    },
    /// Extended attributes of all sizes.
    XATTRS {
        @Override
        void step(FullImage image, int i, Random random) throws IOException {
            byte[] file = VolumeFixture.name("x" + i / 20);
            boolean there = VolumeFixture.names(image.main(), ROOT).contains("x" + i / 20);
            long inode =
                    there ? image.main().lookup(ROOT, file).inode() : image.create("x" + i / 20);
            byte[] value = new byte[random.nextInt(10) == 0 ? random.nextInt(65536) : 900];
            image.main()
                    .setXattr(
                            inode,
                            VolumeFixture.name("user.a" + i),
                            value,
                            XattrMode.CREATE_OR_REPLACE);
        }
    },
    /// Names of one file, as long as names can be.
    HARD_LINKS {
        @Override
        void step(FullImage image, int i, Random random) throws IOException {
            if (i == 0) {
                image.create("h");
            }
            long inode = image.main().lookup(ROOT, VolumeFixture.name("h")).inode();
            String longName = (i + "-").repeat(255).substring(0, 255);
            image.main().link(inode, ROOT, VolumeFixture.name(longName));
        }
    },
    /// Directories, each in the one before.
    DEEP_DIRECTORIES {
        private long deepest = ROOT;

        @Override
        void step(FullImage image, int i, Random random) throws IOException {
            deepest = i == 0 ? ROOT : deepest;
            String longName = (i + "-").repeat(250).substring(0, 250);
            deepest =
                    image.main()
                            .create(
                                    deepest,
                                    VolumeFixture.name(longName),
                                    NewInode.directory(0755, 0, 0))
                            .inode();
        }
    };

    /// Adds a little.
    ///
    /// @param i the number of the step, from 0
    abstract void step(FullImage image, int i, Random random) throws IOException;

    /// Removes everything below the root, deepest first, until nothing more goes.
    ///
    /// @return how many removals were refused
    static int removeAll(FullImage image) throws IOException {
        return new Removal(image.main()).run();
    }
}
