import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.AbstractMongoBackend;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.List;
import java.util.Set;

/** Arguments: PORT FILE, or PORT alone to keep all in memory. SIGTERM stops it cleanly. */
public final class Server {
    /** Commits before each reply, so that an acknowledged write survives kill -9. */
    private static final class DurableBackend extends H2Backend {
        private static final Set<String> WRITES = Set.of("insert", "update", "delete", "findAndModify",
            "create", "createIndexes", "drop", "dropDatabase", "aggregate");

        DurableBackend(String file) {
            super(ById.open(file));
        }

        @Override
        protected MongoDatabase openOrCreateDatabase(String name) {
            return new ById(name, getCursorRegistry());
        }

        @Override
        public Document handleMessage(MongoMessage message) {
            Document reply = super.handleMessage(message);
            if (WRITES.contains(message.getDocument().keySet().iterator().next())) {
                commit();
            }
            return reply;
        }
    }

    /** Drivers refuse a wire version below 9; the library's own list stops at 8. */
    private static final class Version5 implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 13;
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        AbstractMongoBackend backend =
            arguments.length == 1 ? new InMemory() : new DurableBackend(arguments[1]);
        backend.version(new Version5());
        MongoServer server = new MongoServer(backend);
        if (arguments.length > 1) {
            server.enableOplog();
        }
        server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
        Thread.currentThread().join();
    }
}
