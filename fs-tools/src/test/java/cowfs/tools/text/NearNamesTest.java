package cowfs.tools.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import cowfs.api.Ref;
import cowfs.error.CowException;
import cowfs.error.ErrorKind;
import cowfs.error.RequestException;
import cowfs.tools.FakePool;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NearNamesTest {
    @Test
    void aSwappedPairOfLettersIsOneMistake() {
        assertEquals(1, NearNames.distance("mian", "main"));
        assertEquals(1, NearNames.distance("main", "man"));
        assertEquals(0, NearNames.distance("Main", "main"));
        assertEquals(3, NearNames.distance("", "abc"));
    }

    @Test
    void nearestNamesComeFirstAndFarOnesNotAtAll() {
        assertEquals(
                List.of("main", "maine"),
                NearNames.near("mian", List.of("maine", "database", "main")));
    }

    @Test
    void anUnknownNameIsNamedWithWhatIsNear() throws IOException {
        FakePool pool = new FakePool();
        pool.snapshot(Ref.parse("main@monday"));
        CowException failure = new RequestException(ErrorKind.NOT_FOUND, "not found");

        String message =
                NearNames.explain(failure, pool, List.of(Ref.MAIN, Ref.parse("main@mondy")))
                        .getMessage();

        assertTrue(message.contains("no snapshot 'main@mondy'"), message);
        assertTrue(message.contains("near: main@monday;"), message);
        assertTrue(message.contains("cowfs list"), message);
    }

    @Test
    void otherFailuresStayAsTheyAre() throws IOException {
        CowException exists = new RequestException(ErrorKind.EXISTS, "exists");
        assertSame(exists, NearNames.explain(exists, new FakePool(), List.of()));
        CowException unknownFile = new RequestException(ErrorKind.NOT_FOUND, "no such file");
        assertSame(unknownFile, NearNames.explain(unknownFile, new FakePool(), List.of(Ref.MAIN)));
    }
}
