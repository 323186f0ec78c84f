package cowfs.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class PatienceTest {
    @Test
    void aHungThreadIsNamedWithItsStack() {
        CountDownLatch never = new CountDownLatch(1);
        AssertionError late =
                assertThrows(
                        AssertionError.class,
                        () -> Patience.within(Duration.ofMillis(50), () -> waitFor(never)));
        never.countDown();
        assertTrue(late.getMessage().contains("PatienceTest.waitFor"), late.getMessage());
    }

    private static String waitFor(CountDownLatch latch) throws InterruptedException {
        latch.await();
        return "done";
    }

    @Test
    void whatIsReturnedOrThrownComesThrough() throws IOException {
        assertEquals("x", Patience.within(Duration.ofMinutes(1), () -> "x"));
        IOException thrown = new IOException("y");
        assertSame(
                thrown,
                assertThrows(
                        IOException.class,
                        () ->
                                Patience.within(
                                        Duration.ofMinutes(1),
                                        () -> {
                                            throw thrown;
                                        })));
    }
}
