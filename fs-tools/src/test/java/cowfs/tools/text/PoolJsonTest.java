package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.CheckReport;
import cowfs.api.Finding;
import cowfs.api.Ref;
import cowfs.api.SpaceUsage;
import cowfs.api.SubvolumeInfo;
import cowfs.tools.FakePool;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PoolJsonTest {
    private final FakePool pool = new FakePool();

    @Test
    void theStateOfAPoolComesBackAsItWas() throws IOException {
        assertEquals(pool.info(), PoolJson.poolInfo(again(PoolJson.of(pool.info()))));
    }

    @Test
    void aSubvolumeComesBackWithEveryNanosecond() throws IOException {
        SubvolumeInfo clone = pool.cloneSubvolume(Ref.MAIN, "käse \"x\"");
        assertEquals(clone, PoolJson.subvolumeInfo(again(PoolJson.of(clone))));
        SubvolumeInfo main = pool.list().getFirst();
        assertEquals(main, PoolJson.subvolumeInfo(again(PoolJson.of(main))));
    }

    @Test
    void spaceHasTheKeysThatScriptsRelyOn() throws IOException {
        SpaceUsage usage = new SpaceUsage(Ref.parse("main@mon"), 1L << 40, 5, 6, 7, 8L);
        assertEquals(
                "{\"ref\":\"main@mon\",\"referenced\":1099511627776,\"exclusive\":5,\"shared\":6,"
                        + "\"metadata\":7,\"cow\":8}",
                JsonObject.line(PoolJson.of(usage)));
        assertEquals(usage, PoolJson.spaceUsage(again(PoolJson.of(usage))));
        SpaceUsage unknown = new SpaceUsage(Ref.parse("main@mon"), 1, 2, 3, 4, null);
        assertEquals(unknown, PoolJson.spaceUsage(again(PoolJson.of(unknown))));
    }

    @Test
    void aCheckReportListsItsFindings() throws IOException {
        CheckReport report =
                new CheckReport(
                        List.of(new Finding("bad-checksum", "leaf", "block=8", "no match")),
                        3,
                        9,
                        1,
                        2,
                        3,
                        4);
        JsonObject json = again(PoolJson.of(report));
        assertEquals(false, json.flag("clean"));
        assertEquals(3, json.number("finding_count"));
        assertEquals("bad-checksum", json.objects("findings").getFirst().text("code"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"ref\":7}",
                "{\"ref\":\"main\",\"referenced\":\"1\",\"exclusive\":1,\"shared\":1,\"metadata\":1}",
                "{\"ref\":\"a/b\",\"referenced\":1,\"exclusive\":1,\"shared\":1,\"metadata\":1}",
                "[]",
                "nonsense",
                ""
            })
    void malformedInputIsAnIoException(String text) {
        assertThrows(IOException.class, () -> PoolJson.spaceUsage(JsonObject.parse(text)));
    }

    @Test
    void aMemberOfTheWrongTypeIsNamed() throws IOException {
        JsonObject json = JsonObject.parse("{\"txg\":\"x\"}");
        IOException refusal = assertThrows(IOException.class, () -> json.number("txg"));
        assertTrue(refusal.getMessage().contains("'txg'"), refusal.getMessage());
    }

    private static JsonObject again(Map<String, Object> json) throws IOException {
        return JsonObject.parse(JsonObject.line(json));
    }
}
