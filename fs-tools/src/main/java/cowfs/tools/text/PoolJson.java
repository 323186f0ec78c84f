package cowfs.tools.text;

import cowfs.api.BookmarkInfo;
import cowfs.api.BookmarkRef;
import cowfs.api.CheckReport;
import cowfs.api.Finding;
import cowfs.api.FreedSpace;
import cowfs.api.PoolInfo;
import cowfs.api.Ref;
import cowfs.api.RepairReport;
import cowfs.api.RollbackReport;
import cowfs.api.SpaceUsage;
import cowfs.api.SubvolumeInfo;
import cowfs.file.Timestamp;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The records of the engine's door as JSON, for `--json` and for the control socket.
public final class PoolJson {
    private PoolJson() {}

    /// Members in the order in which they are put, for the eyes of readers.
    public static Map<String, @Nullable Object> members() {
        return new LinkedHashMap<>();
    }

    /// `{"items": [...]}`.
    public static Map<String, @Nullable Object> items(List<?> items) {
        Map<String, @Nullable Object> json = members();
        json.put("items", items);
        return json;
    }

    /// A pool's state.
    public static Map<String, @Nullable Object> of(PoolInfo info) {
        Map<String, @Nullable Object> json = members();
        json.put("uuid", info.uuid().toString());
        json.put("label", info.label());
        json.put("format_version", info.formatVersion());
        json.put("size", info.sizeBytes());
        json.put("used", info.usedBytes());
        json.put("free", info.freeBytes());
        json.put("reserved", info.reservedBytes());
        json.put("metadata_free", info.metadataFreeBytes());
        json.put("data", info.dataBytes());
        json.put("metadata", info.metadataBytes());
        json.put("block_size", info.blockSizeBytes());
        json.put("node_size", info.nodeSizeBytes());
        json.put("metadata_copies", info.metadataCopies());
        json.put("txg", info.txg());
        json.put("subvolumes", info.subvolumeCount());
        json.put("snapshots", info.snapshotCount());
        json.put("reclaiming", info.reclaimingCount());
        json.put("repaired_copies", info.repairedCopyCount());
        json.put("bad_copies", info.badCopyCount());
        json.put("unreadable_blocks", info.unreadableBlockCount());
        json.put("failure", info.failure());
        json.put("recovery", info.recoveryNote());
        return json;
    }

    /// The reverse of {@link #of(PoolInfo)}.
    public static PoolInfo poolInfo(JsonObject json) throws IOException {
        return new PoolInfo(
                uuid(json.text("uuid")),
                json.text("label"),
                json.smallNumber("format_version"),
                json.number("size"),
                json.number("used"),
                json.number("free"),
                json.number("reserved"),
                json.number("data"),
                json.number("metadata"),
                json.smallNumber("block_size"),
                json.smallNumber("node_size"),
                json.smallNumber("metadata_copies"),
                json.number("txg"),
                json.smallNumber("subvolumes"),
                json.smallNumber("snapshots"),
                json.smallNumber("reclaiming"),
                json.number("repaired_copies"),
                json.number("bad_copies"),
                json.number("unreadable_blocks"),
                json.text("failure"),
                json.text("recovery"));
    }

    /// Snapshots that were taken together.
    public static Map<String, @Nullable Object> ofSnapshots(List<SubvolumeInfo> taken) {
        Map<String, @Nullable Object> json = members();
        json.put("snapshots", taken.stream().map(PoolJson::of).toList());
        return json;
    }

    /// A subvolume or snapshot.
    public static Map<String, @Nullable Object> of(SubvolumeInfo info) {
        Map<String, @Nullable Object> json = members();
        json.put("ref", info.ref().toString());
        json.put("id", info.treeId());
        json.put("uuid", info.uuid().toString());
        json.put("origin", info.origin() == null ? null : info.origin().toString());
        json.put("created", info.created().toInstant().toString());
        json.put("created_txg", info.createdTxg());
        json.put("referenced", info.referencedBytes());
        json.put("read_only", info.readOnly());
        return json;
    }

    /// A bookmark.
    public static Map<String, @Nullable Object> of(BookmarkInfo info) {
        Map<String, @Nullable Object> json = members();
        json.put("bookmark", info.ref().toString());
        json.put("snapshot", info.snapshot().toString());
        json.put("created", info.created().toInstant().toString());
        json.put("created_txg", info.txg());
        return json;
    }

    /// The reverse of {@link #of(BookmarkInfo)}.
    public static BookmarkInfo bookmarkInfo(JsonObject json) throws IOException {
        return new BookmarkInfo(
                BookmarkRef.parse(json.text("bookmark")),
                uuid(json.text("snapshot")),
                json.number("created_txg"),
                timestamp(json.text("created")));
    }

    /// Names of bookmarks.
    public static List<BookmarkRef> bookmarkRefs(List<String> names) throws IOException {
        List<BookmarkRef> refs = new ArrayList<>();
        for (String each : names) {
            refs.add(BookmarkRef.parse(each));
        }
        return refs;
    }

    /// The reverse of {@link #of(SubvolumeInfo)}.
    public static SubvolumeInfo subvolumeInfo(JsonObject json) throws IOException {
        return new SubvolumeInfo(
                Ref.parse(json.text("ref")),
                json.number("id"),
                uuid(json.text("uuid")),
                json.has("origin") ? Ref.parse(json.text("origin")) : null,
                json.number("created_txg"),
                timestamp(json.text("created")),
                json.number("referenced"),
                json.flag("read_only"));
    }

    /// Snapshots and what they are the same as in every image.
    public static Map<String, @Nullable Object> ofIdentities(SequencedMap<Ref, UUID> identities) {
        List<Map<String, @Nullable Object>> items = new ArrayList<>();
        identities.forEach(
                (ref, uuid) -> {
                    Map<String, @Nullable Object> item = members();
                    item.put("ref", ref.toString());
                    item.put("identity", uuid.toString());
                    items.add(item);
                });
        return items(items);
    }

    /// The reverse of {@link #ofIdentities}.
    public static SequencedMap<Ref, UUID> identities(JsonObject json) throws IOException {
        SequencedMap<Ref, UUID> identities = new LinkedHashMap<>();
        for (JsonObject item : json.objects("items")) {
            identities.put(Ref.parse(item.text("ref")), uuid(item.text("identity")));
        }
        return identities;
    }

    /// Properties as the members of an object.
    public static Map<String, @Nullable Object> ofProperties(SortedMap<String, String> properties) {
        Map<String, @Nullable Object> json = members();
        json.putAll(properties);
        return json;
    }

    /// The reverse of {@link #ofProperties}.
    public static SortedMap<String, String> properties(JsonObject json) throws IOException {
        SortedMap<String, String> properties = new TreeMap<>();
        for (String name : json.members().keySet()) {
            properties.put(name, json.text(name));
        }
        return properties;
    }

    /// What a rollback has done.
    public static Map<String, @Nullable Object> of(RollbackReport report) {
        Map<String, @Nullable Object> json = members();
        json.put("ref", report.subvolume().toString());
        json.put("snapshot", report.snapshot().toString());
        json.put("kept", report.kept() == null ? null : report.kept().toString());
        return json;
    }

    /// The reverse of {@link #of(RollbackReport)}.
    public static RollbackReport rollbackReport(JsonObject json) throws IOException {
        return new RollbackReport(
                Ref.parse(json.text("ref")),
                Ref.parse(json.text("snapshot")),
                json.has("kept") ? Ref.parse(json.text("kept")) : null);
    }

    /// The space of a subvolume or snapshot.
    public static Map<String, @Nullable Object> of(SpaceUsage usage) {
        Map<String, @Nullable Object> json = members();
        json.put("ref", usage.ref().toString());
        json.put("referenced", usage.referencedBytes());
        json.put("exclusive", usage.exclusiveBytes());
        json.put("shared", usage.sharedBytes());
        json.put("metadata", usage.metadataBytes());
        json.put("cow", usage.cowBytes());
        return json;
    }

    /// The reverse of {@link #of(SpaceUsage)}.
    public static SpaceUsage spaceUsage(JsonObject json) throws IOException {
        return new SpaceUsage(
                Ref.parse(json.text("ref")),
                json.number("referenced"),
                json.number("exclusive"),
                json.number("shared"),
                json.number("metadata"),
                json.has("cow") ? json.number("cow") : null);
    }

    /// What deleting a set would free.
    public static Map<String, @Nullable Object> of(FreedSpace freed) {
        Map<String, @Nullable Object> json = members();
        json.put("freed", freed.totalBytes());
        json.put("data", freed.dataBytes());
        json.put("metadata", freed.metadataBytes());
        return json;
    }

    /// The reverse of {@link #of(FreedSpace)}.
    public static FreedSpace freedSpace(JsonObject json) throws IOException {
        return new FreedSpace(json.number("data"), json.number("metadata"));
    }

    /// What a check found.
    public static Map<String, @Nullable Object> of(CheckReport report) {
        Map<String, @Nullable Object> json = members();
        json.put("clean", report.isClean());
        json.put("finding_count", report.findingCount());
        json.put("findings", report.findings().stream().map(PoolJson::of).toList());
        json.put("txg", report.txg());
        json.put("nodes", report.nodeCount());
        json.put("data_blocks", report.dataBlockCount());
        json.put("inodes", report.inodeCount());
        json.put("subvolumes", report.subvolumeCount());
        return json;
    }

    /// What a repair did.
    public static Map<String, @Nullable Object> of(RepairReport report) {
        Map<String, @Nullable Object> json = members();
        json.put("changed", report.changed());
        json.put("before", of(report.before()));
        json.put("after", of(report.after()));
        json.put("actions", report.actions());
        json.put("lost", report.lost().stream().map(PoolJson::of).toList());
        return json;
    }

    private static Map<String, @Nullable Object> of(RepairReport.LostFile lost) {
        Map<String, @Nullable Object> json = members();
        json.put("where", lost.where());
        json.put("what", lost.what());
        json.put("offset", lost.offset());
        json.put("length", lost.lengthBytes());
        return json;
    }

    private static Map<String, @Nullable Object> of(Finding finding) {
        Map<String, @Nullable Object> json = members();
        json.put("code", finding.code());
        json.put("record", finding.record());
        json.put("where", finding.where());
        json.put("reason", finding.reason());
        return json;
    }

    /// Names of subvolumes and snapshots.
    public static List<String> names(List<Ref> refs) {
        return refs.stream().map(Ref::toString).toList();
    }

    /// Parses names of subvolumes and snapshots.
    public static List<Ref> refs(List<String> names) throws IOException {
        List<Ref> refs = new ArrayList<>();
        for (String name : names) {
            refs.add(Ref.parse(name));
        }
        return refs;
    }

    private static UUID uuid(String text) throws IOException {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new IOException("malformed JSON: no UUID: " + text, e);
        }
    }

    private static Timestamp timestamp(String text) throws IOException {
        try {
            Instant instant = Instant.parse(text);
            return new Timestamp(instant.getEpochSecond(), instant.getNano());
        } catch (DateTimeException e) {
            throw new IOException("malformed JSON: no point in time: " + text, e);
        }
    }
}
