package cowfs.device;

import java.io.IOException;
import java.nio.ByteBuffer;

/// One thing that happened to a {@link CrashDevice}, in the order in which it happened.
public sealed interface DeviceEvent {
    /// A write that has returned. The array is shared: nobody changes it.
    @SuppressWarnings("ArrayRecordComponent") // compared by identity, on purpose
    record Write(long position, byte[] content) implements DeviceEvent {
        @Override
        public String toString() {
            return "write of " + content.length + " bytes at " + position;
        }
    }

    /// A discard that has returned; it leaves zeros in whole 4096-byte blocks.
    record Discard(long position, long lengthBytes) implements DeviceEvent {}

    /// A flush that has returned.
    ///
    /// @param honoured false when the device lied: the flush made nothing durable
    record Flush(boolean honoured) implements DeviceEvent {}

    /// Does to `target` what the event did to the device.
    default void applyTo(BlockDevice target) throws IOException {
        switch (this) {
            case Write(long position, byte[] content) ->
                    target.write(position, ByteBuffer.wrap(content));
            case Discard(long position, long lengthBytes) -> target.discard(position, lengthBytes);
            case Flush _ -> target.flush();
        }
    }
}
