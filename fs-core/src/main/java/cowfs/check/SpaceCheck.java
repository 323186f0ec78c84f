package cowfs.check;

import cowfs.alloc.SpaceMap;
import cowfs.block.CommittedNode;
import cowfs.check.BlockLedger.Role;
import cowfs.error.CorruptException;
import cowfs.format.Blocks;
import cowfs.format.GroupItem;
import cowfs.format.GroupItem.Use;
import cowfs.format.ItemKind;
import cowfs.format.NodePage;

/// Compares the space tree with what was found in use: bitmaps block by block, summaries with the
/// bitmaps and with the purposes of the blocks. Memory: two bytes for each group of the image. Not
/// thread safe.
final class SpaceCheck {
    private final BlockLedger ledger;
    private final Findings findings;
    private final boolean complete;
    private final boolean treeComplete;
    private final short[] summaries;
    private int next;

    /// @param complete whether everything in use was seen; otherwise no block counts as leaked
    /// @param treeComplete whether the space tree could be read as a whole; otherwise groups
    ///   without a bitmap are passed over
    SpaceCheck(BlockLedger ledger, Findings findings, boolean complete, boolean treeComplete) {
        this.treeComplete = treeComplete;
        this.ledger = ledger;
        this.findings = findings;
        this.complete = complete;
        this.summaries = new short[ledger.groupCount()];
    }

    /// Checks the items of a leaf by themselves, in the first walk.
    ///
    /// @return whether all are valid
    static boolean validate(CommittedNode leaf, int groupCount, Findings findings) {
        byte[] page = leaf.page();
        boolean valid = true;
        for (int slot = 0; slot < leaf.itemCount(); slot++) {
            int at = NodePage.slotPosition(slot, NodePage.LEAF_SLOT_BYTES);
            Key key = Key.at(page, at);
            int length = NodePage.valueLength(page, at);
            try {
                if (isBitmap(key, groupCount)) {
                    GroupItem.validateBitmap(length, key.offset());
                } else if (isSummary(key, groupCount)) {
                    int position = NodePage.valuePosition(page, at);
                    GroupItem.validateSummary(page, position, length, key.offset());
                } else {
                    valid = false;
                    findings.add(
                            DamageCode.WRONG_KIND,
                            "space tree",
                            "key=" + key,
                            "no such item has a place in the space tree");
                }
            } catch (CorruptException damaged) {
                valid = false;
                findings.add(
                        DamageCode.BAD_ITEM, damaged.record(), damaged.where(), damaged.reason());
            }
        }
        return valid;
    }

    private static boolean isBitmap(Key key, int groupCount) {
        return key.inode() == GroupItem.BITMAP_KEY
                && key.kind() == ItemKind.GROUP_BITMAP.number()
                && Long.compareUnsigned(key.offset(), groupCount) < 0;
    }

    private static boolean isSummary(Key key, int groupCount) {
        return key.inode() == GroupItem.SUMMARY_KEY
                && key.kind() == ItemKind.GROUP_SUMMARY.number()
                && Long.compareUnsigned(
                                key.offset(),
                                (groupCount + GroupItem.GROUPS_PER_SUMMARY - 1)
                                        / GroupItem.GROUPS_PER_SUMMARY)
                        < 0;
    }

    /// Takes the items of the space tree in key order: summaries, then bitmaps.
    void item(Key key, byte[] page, int position, int lengthBytes) {
        if (isSummary(key, summaries.length) && lengthBytes == GroupItem.SUMMARY_BYTES) {
            int first = (int) key.offset() * GroupItem.GROUPS_PER_SUMMARY;
            for (int i = 0; i < GroupItem.GROUPS_PER_SUMMARY; i++) {
                int free = GroupItem.freeCount(page, position, i);
                int use = GroupItem.useNumber(page, position, i);
                if (first + i < summaries.length) {
                    summaries[first + i] = (short) (free | use << 12);
                } else if (free != 0 || use != 0) {
                    wrongSummary(first + i, "there is no such group");
                }
            }
        } else if (isBitmap(key, summaries.length) && lengthBytes == GroupItem.BITMAP_BYTES) {
            int group = (int) key.offset();
            compareMissing(group);
            compare(group, page, position);
            next = group + 1;
        }
    }

    /// Checks the groups behind the last bitmap.
    void finish() {
        compareMissing(summaries.length);
    }

    private void compareMissing(int end) {
        byte[] empty = new byte[GroupItem.BITMAP_BYTES];
        for (; treeComplete && next < end; next++) {
            compare(next, empty, 0);
        }
    }

    private void compare(int group, byte[] bitmap, int position) {
        int allocated = 0;
        for (int i = 0; i < GroupItem.BITMAP_WORDS; i++) {
            allocated += Long.bitCount(GroupItem.word(bitmap, position, i));
        }
        if (allocated == 0 && ledger.isUntouched(group) && summaries[group] == 0) {
            return;
        }
        Use found = compareBits(group, bitmap, position);
        int blocks = SpaceMap.groupBlocks(ledger.blockCount(), group);
        int free = summaries[group] & 0xfff;
        int use = (summaries[group] & 0xffff) >>> 12;
        if (allocated == 0 && summaries[group] != 0) {
            wrongSummary(group, "the group is free, has free count " + free + " use " + use);
        } else if (allocated != 0 && free != blocks - allocated) {
            wrongSummary(group, "free count has " + free + " want " + (blocks - allocated));
        }
        int wantUse =
                switch (found) {
                    case UNUSED -> use;
                    case DATA -> 1;
                    case METADATA -> 2;
                };
        if (allocated != 0 && use != wantUse) {
            wrongSummary(group, "use has " + use + " want " + wantUse);
        }
    }

    /// Compares bit by bit; returns what the blocks in use call for.
    private Use compareBits(int group, byte[] bitmap, int position) {
        Use found = Use.UNUSED;
        boolean mixed = false;
        long first = (long) group << Blocks.GROUP_SHIFT;
        Run leaked = new Run(DamageCode.LEAKED_BLOCK, "allocated, and nothing reaches it");
        Run freed = new Run(DamageCode.FREE_BLOCK_USED, "in use, and the bitmap calls it free");
        for (int bit = 0; bit < Blocks.PER_GROUP; bit++) {
            long block = first + bit;
            boolean set = (bitmap[position + (bit >>> 3)] >>> (bit & 7) & 1) != 0;
            boolean inside = block < ledger.blockCount();
            Role role = inside ? ledger.role(block) : Role.NONE;
            if (role != Role.NONE) {
                mixed |= found != Use.UNUSED && found != role.use();
                found = role.use();
            }
            leaked.next(block, set && role == Role.NONE && (complete || !inside));
            freed.next(block, !set && role != Role.NONE);
        }
        leaked.next(first + Blocks.PER_GROUP, false);
        freed.next(first + Blocks.PER_GROUP, false);
        if (mixed) {
            wrongSummary(group, "it holds data and metadata");
        }
        return found;
    }

    private void wrongSummary(int group, String reason) {
        findings.add(DamageCode.WRONG_SUMMARY, "group_summary", "group=" + group, reason);
    }

    /// Joins findings about consecutive blocks.
    private final class Run {
        private final DamageCode code;
        private final String reason;
        private long start = -1;

        Run(DamageCode code, String reason) {
            this.code = code;
            this.reason = reason;
        }

        void next(long block, boolean wrong) {
            if (wrong && start < 0) {
                start = block;
            } else if (!wrong && start >= 0) {
                findings.add(
                        code,
                        "group_bitmap",
                        "block=" + start + " count=" + (block - start),
                        reason);
                start = -1;
            }
        }
    }
}
