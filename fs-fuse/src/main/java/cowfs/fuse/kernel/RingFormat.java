package cowfs.fuse.kernel;

import cowfs.fuse.kernel.Fields.U16;
import cowfs.fuse.kernel.Fields.U32;
import cowfs.fuse.kernel.Fields.U64;

/// The structures of io_uring, and those of FUSE over io_uring, each declared once.
///
/// The references are `linux/io_uring.h` and `linux/fuse.h` of Linux 6.14.
final class RingFormat {
    private RingFormat() {}

    /// `io_uring_params`, with `io_sqring_offsets` and `io_cqring_offsets` in it.
    static final class Params {
        private static final Fields F = Fields.of("io_uring_params");
        static final U32 SUBMISSION_ENTRIES = F.u32();
        static final U32 COMPLETION_ENTRIES = F.u32();
        static final U32 FLAGS = F.u32();
        static final U32 SUBMISSION_HEAD = F.gap(28).u32();
        static final U32 SUBMISSION_TAIL = F.u32();
        static final U32 SUBMISSION_MASK = F.u32();
        static final U32 COMPLETION_HEAD = F.gap(28).u32();
        static final U32 COMPLETION_TAIL = F.u32();
        static final U32 COMPLETION_MASK = F.u32();
        static final U32 COMPLETIONS = F.gap(8).u32();
        static final int BYTES = F.gap(16).size(120);

        private Params() {}
    }

    /// `io_uring_sqe` of 128 bytes, with `fuse_uring_cmd_req` at its end.
    static final class Submission {
        private static final Fields F = Fields.of("io_uring_sqe");
        static final U16 OPCODE_AND_FLAGS = F.u16();
        static final U32 DESCRIPTOR = F.gap(2).u32();

        /// The operation of `IORING_OP_URING_CMD`; where to read, of `IORING_OP_READ`.
        static final U64 COMMAND = F.u64();

        static final U64 ADDRESS = F.u64();
        static final U32 LENGTH = F.u32();
        static final U64 USER_DATA = F.gap(4).u64();
        // the flags of the command come last
        static final U64 COMMIT_ID = F.gap(16).u64();
        static final U16 QUEUE = F.u16();
        static final int BYTES = F.gap(62).size(128);

        private Submission() {}
    }

    /// `io_uring_cqe`.
    static final class Completion {
        private static final Fields F = Fields.of("io_uring_cqe");
        static final U64 USER_DATA = F.u64();
        static final U32 RESULT = F.u32();
        static final int BYTES = F.gap(4).size(16);

        private Completion() {}
    }

    /// `fuse_uring_req_header`: where the kernel puts the header of a request and the structure of
    /// its opcode, and finds the header of the reply. Names and data, and the body of the reply,
    /// are in a memory of their own, the payload.
    static final class Headers {
        private static final Fields F = Fields.of("fuse_uring_req_header");

        /// `fuse_in_header`, then `fuse_out_header`.
        static final int HEADER = F.nested(128);

        static final int STRUCTURE = F.nested(128);
        static final U64 COMMIT_ID = F.gap(8).u64();
        static final U32 PAYLOAD_BYTES = F.u32();
        static final int BYTES = F.gap(12).size(288);

        private Headers() {}
    }

    /// `iovec`.
    static final class Range {
        private static final Fields F = Fields.of("iovec");
        static final U64 ADDRESS = F.u64();
        static final U64 LENGTH = F.u64();
        static final int BYTES = F.size(16);

        private Range() {}
    }
}
