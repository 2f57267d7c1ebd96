import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.backend.memory.index.MemoryUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;

/** Keeps nothing beyond its end, and is quick enough to measure what stands before it. */
final class InMemory extends MemoryBackend {
    @Override
    public MemoryDatabase openOrCreateDatabase(String name) {
        return new Database(name, getCursorRegistry());
    }

    private static final class Database extends MemoryDatabase {
        Database(String name, CursorRegistry cursors) {
            super(name, cursors);
        }

        @Override
        protected Index<Integer> openOrCreateUniqueIndex(String collection, String name,
                List<IndexKey> keys, boolean sparse) {
            boolean isOfIds = keys.size() == 1 && keys.get(0).getKey().equals("_id");
            return isOfIds ? new Ids(name, keys, sparse)
                : super.openOrCreateUniqueIndex(collection, name, keys, sparse);
        }
    }

    /** As {@link ById}: finds a document by its id, whatever else is asked of it. */
    private static final class Ids extends MemoryUniqueIndex {
        Ids(String name, List<IndexKey> keys, boolean sparse) {
            super(name, keys, sparse);
        }

        private static Document idOf(Document query) {
            return query.containsKey("_id") ? new Document("_id", query.get("_id")) : query;
        }

        @Override
        public boolean canHandle(Document query) {
            return super.canHandle(idOf(query));
        }

        @Override
        public Iterable<Integer> getPositions(Document query) {
            return super.getPositions(idOf(query));
        }
    }
}
