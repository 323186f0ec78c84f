package cowfs.model;

import cowfs.file.AttributeChange;
import cowfs.file.Attributes;
import cowfs.file.SetIdBits;
import cowfs.file.Timestamp;
import cowfs.file.Volume;
import cowfs.file.Volume.XattrMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Random steps on attributes and extended attributes.
final class AttributeSteps {
    private final Choice choice;

    AttributeSteps(Choice choice) {
        this.choice = choice;
    }

    @Nullable Step setAttributes() throws IOException {
        Place place = choice.anything(choice.subvolume());
        if (place == null) {
            return null;
        }
        Attributes now = choice.attributes(place);
        AttributeChange change =
                new AttributeChange(
                        choice.oneIn(2) && !now.isSymlink() ? choice.below(010000) : null,
                        choice.oneIn(3) ? choice.below(1 << 30) : null,
                        choice.oneIn(3) ? choice.below(1 << 30) : null,
                        choice.oneIn(6) && now.isRegular()
                                ? (Long) choice.newSize(now.sizeBytes())
                                : null,
                        choice.oneIn(3) ? new Timestamp(choice.seconds(), choice.nanos()) : null,
                        choice.oneIn(3) ? new Timestamp(choice.seconds(), choice.nanos()) : null,
                        choice.of(SetIdBits.class),
                        null);
        return Step.growing(
                "setAttributes " + place + " " + change,
                ContentSteps.at(
                        place, (volume, inode) -> Step.text(volume.setAttributes(inode, change))));
    }

    /// Flags that forbid something are mostly taken back.
    @Nullable Step setFlags() throws IOException {
        Place place = choice.anything(choice.subvolume());
        if (place == null) {
            return null;
        }
        int flags = choice.below(5) < 4 ? choice.below(4) << 6 : choice.below(32) << 4;
        return Step.growing(
                "setFlags " + place + " " + Integer.toHexString(flags),
                ContentSteps.at(
                        place,
                        (volume, inode) ->
                                Step.text(
                                        volume.setAttributes(
                                                inode, AttributeChange.ofFlags(flags)))));
    }

    @Nullable Step setXattr() throws IOException {
        Place place = choice.anything(choice.subvolume());
        if (place == null) {
            return null;
        }
        byte[] name = name();
        byte[] value = choice.bytes(valueLength());
        XattrMode mode = choice.oneIn(3) ? choice.of(XattrMode.class) : XattrMode.CREATE_OR_REPLACE;
        return Step.growing(
                "setXattr " + place + " " + text(name) + " of " + value.length + " " + mode,
                ContentSteps.at(
                        place,
                        (volume, inode) -> {
                            volume.setXattr(inode, name, value, mode);
                            return "";
                        }));
    }

    /// An access control list, or one without entries.
    @Nullable Step setAccessList() throws IOException {
        Place place = choice.anything(choice.subvolume());
        if (place == null) {
            return null;
        }
        String name = choice.oneIn(2) ? ModelAccess.ACCESS : ModelAccess.DEFAULT;
        List<int[]> entries = new ArrayList<>();
        if (!choice.oneIn(8)) {
            boolean named = choice.oneIn(2);
            entries.add(new int[] {0x01, choice.below(8), -1});
            for (int i = choice.below(named ? 5 : 1); i > 0; i--) {
                entries.add(new int[] {0x02, choice.below(8), 100 + choice.below(9)});
            }
            entries.add(new int[] {0x04, choice.below(8), -1});
            if (named || choice.oneIn(2)) {
                entries.add(new int[] {0x10, choice.below(8), -1});
            }
            entries.add(new int[] {0x20, choice.below(8), -1});
        }
        byte[] value = ModelAccess.list(entries.toArray(int[][]::new));
        SetIdBits bits = choice.of(SetIdBits.class);
        return Step.growing(
                "setAccessList " + place + " " + name + " of " + entries.size() + " " + bits,
                ContentSteps.at(
                        place,
                        (volume, inode) -> {
                            XattrMode mode = XattrMode.CREATE_OR_REPLACE;
                            volume.setXattr(inode, ModelTree.bytes(name), value, mode, bits);
                            return Step.text(volume.getAttributes(inode));
                        }));
    }

    @Nullable Step removeXattr() throws IOException {
        Place place = choice.anything(choice.subvolume());
        if (place == null || (choice.xattrs(place).isEmpty() && !choice.oneIn(10))) {
            return null;
        }
        List<byte[]> present = choice.xattrs(place);
        byte[] name = present.isEmpty() || choice.oneIn(10) ? name() : choice.of(present);
        return Step.growing(
                "removeXattr " + place + " " + text(name),
                ContentSteps.at(
                        place,
                        (volume, inode) -> {
                            volume.removeXattr(inode, name);
                            return "";
                        }));
    }

    private byte[] name() {
        if (choice.oneIn(6)) {
            return ModelTree.bytes("security.capability");
        }
        String name = "user." + (char) ('a' + choice.below(6));
        return ModelTree.bytes(choice.oneIn(30) ? name.repeat(42) : name);
    }

    private int valueLength() {
        return switch (choice.below(20)) {
            case 0 -> Volume.MAX_XATTR_BYTES + choice.below(2);
            case 1 -> choice.below(Volume.MAX_XATTR_BYTES);
            case 2, 3, 4 -> choice.below(5000);
            default -> choice.below(100);
        };
    }

    private static String text(byte[] name) {
        return Place.readable(ModelTree.text(name));
    }
}
