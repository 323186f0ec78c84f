package cowfs.tools.control;

import cowfs.api.PinnedState;
import cowfs.api.Ref;
import cowfs.api.SubvolumeInfo;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.file.ReadableVolume;
import cowfs.tools.text.JsonObject;
import cowfs.tools.text.PoolJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A state that a daemon keeps for this side of its control socket, at the longest until the
/// connection ends. Thread safe.
final class RemotePin implements PinnedState {
    private final ControlClient client;
    private final long pin;
    private final long txg;
    private final List<SubvolumeInfo> list;

    private RemotePin(ControlClient client, long pin, long txg, List<SubvolumeInfo> list) {
        this.client = client;
        this.pin = pin;
        this.txg = txg;
        this.list = list;
    }

    static RemotePin take(ControlClient client) throws IOException {
        JsonObject reply = client.call(Verb.PIN, Map.of());
        List<SubvolumeInfo> list = new ArrayList<>();
        for (JsonObject item : reply.objects("items")) {
            list.add(PoolJson.subvolumeInfo(item));
        }
        return new RemotePin(client, reply.number("pin"), reply.number("txg"), List.copyOf(list));
    }

    @Override
    public long txg() {
        return txg;
    }

    @Override
    public List<SubvolumeInfo> list() {
        return list;
    }

    @Override
    public ReadableVolume volume(Ref ref) throws IOException {
        for (SubvolumeInfo info : list) {
            if (info.ref().equals(ref)) {
                return new RemoteVolume(client, pin, info);
            }
        }
        throw new RequestException(
                ErrorKind.NOT_FOUND, "there is no '" + ref + "'; 'cowfs list' shows all");
    }

    /// The daemon lets go by itself when the connection has ended.
    @Override
    public void close() throws IOException {
        if (!client.isGone()) {
            client.call(Verb.UNPIN, Map.of("pin", pin));
        }
    }
}
