package cowfs.model;

import cowfs.api.FileVersion;
import cowfs.api.Pool;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.Attributes;
import cowfs.file.FilePath;
import cowfs.file.Volume;
import cowfs.fs.PathLookup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The versions of a file over all of a pool, found by reading all of it everywhere: what every
/// history has to agree with. For small files.
public final class VolumeHistory {
    private final Pool pool;

    public VolumeHistory(Pool pool) {
        this.pool = pool;
    }

    /// As {@link Pool#history}.
    public List<FileVersion> of(Ref ref, FilePath path) throws IOException {
        Attributes file = origin(ref, path);
        Map<String, List<FileVersion.Holder>> versions = new LinkedHashMap<>();
        List<SubvolumeInfo> all = new ArrayList<>(pool.list());
        all.sort(
                Comparator.comparing((SubvolumeInfo each) -> !each.ref().isSnapshot())
                        .thenComparing(SubvolumeInfo::treeId));
        for (SubvolumeInfo each : all) {
            FileVersion.Holder holder = lookup(each.ref(), file, path);
            if (holder != null) {
                versions.computeIfAbsent(content(holder), _ -> new ArrayList<>()).add(holder);
            }
        }
        return versions.values().stream().map(FileVersion::new).toList().reversed();
    }

    private Attributes origin(Ref ref, FilePath path) throws IOException {
        List<Ref> places = new ArrayList<>(List.of(ref));
        pool.list().stream()
                .filter(each -> each.ref().isSnapshot())
                .filter(each -> each.ref().subvolume().equals(ref.subvolume()))
                .sorted(Comparator.comparing(SubvolumeInfo::treeId).reversed())
                .forEach(each -> places.add(each.ref()));
        for (Ref each : places) {
            Volume volume = pool.volume(each);
            long inode = PathLookup.find(volume, path);
            if (inode != 0) {
                Attributes found = volume.getAttributes(inode);
                if (found.isDirectory()) {
                    throw new RequestException(ErrorKind.IS_A_DIRECTORY, path + " of " + each);
                }
                return found;
            }
        }
        throw new RequestException(ErrorKind.NOT_FOUND, "no " + path + " in " + ref);
    }

    private FileVersion.@Nullable Holder lookup(Ref ref, Attributes file, FilePath path)
            throws IOException {
        Volume volume = pool.volume(ref);
        NavigableSet<FilePath> names =
                VolumeDiff.names(volume).getOrDefault(file.inode(), new TreeSet<>());
        if (!names.isEmpty()) {
            Attributes same = volume.getAttributes(file.inode());
            if (same.born().equals(file.born()) && same.type() == file.type()) {
                return new FileVersion.Holder(
                        ref, names.contains(path) ? path : names.first(), same);
            }
        }
        long other = PathLookup.find(volume, path);
        Attributes found = other == 0 ? null : volume.getAttributes(other);
        return found == null || found.isDirectory()
                ? null
                : new FileVersion.Holder(ref, path, found);
    }

    private String content(FileVersion.Holder holder) throws IOException {
        Volume volume = pool.volume(holder.ref());
        Attributes attributes = holder.attributes();
        String text = Integer.toOctalString(attributes.type()) + " " + attributes.device() + " ";
        if (attributes.isSymlink()) {
            return text + ModelTree.text(volume.readLink(attributes.inode()));
        }
        if (attributes.isRegular()) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(attributes.sizeBytes()));
            volume.read(attributes.inode(), 0, bytes);
            return text + ModelTree.text(bytes.array());
        }
        return text;
    }

    /// The text of versions, which does not depend on which of its names a moved file goes by.
    public static String text(List<FileVersion> versions) {
        StringBuilder text = new StringBuilder();
        for (FileVersion version : versions) {
            for (FileVersion.Holder holder : version.holders()) {
                text.append(holder.ref()).append(' ');
                text.append(Step.text(holder.attributes())).append(", ");
            }
            text.append('\n');
        }
        return text.toString();
    }
}
