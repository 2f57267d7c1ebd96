import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * Finds the document with an id by that id, whatever else is asked of it. The library does so only where
 * nothing else is, and otherwise reads the whole collection.
 */
final class ById extends H2Database {
    /** Of the one backend: the library opens collections before a constructor here could keep them. */
    private static MVStore store;

    ById(String name, CursorRegistry cursors) {
        super(name, store, cursors);
    }

    static MVStore open(String file) {
        store = MVStore.open(file);
        return store;
    }

    /** In the maps in which the library keeps it. */
    @Override
    protected MongoCollection<Object> openOrCreateCollection(String name, CollectionOptions options) {
        String namespace = getDatabaseName() + "." + name;
        MVMap<Object, Document> documents = store.openMap("databases." + namespace);
        MVMap<String, Object> meta = store.openMap("meta." + namespace);
        return new Collection(this, name, options, documents, meta, cursorRegistry);
    }

    private static final class Collection extends H2Collection {
        Collection(MongoDatabase database, String name, CollectionOptions options,
                MVMap<Object, Document> documents, MVMap<String, Object> meta, CursorRegistry cursors) {
            super(database, name, options, documents, meta, cursors);
        }

        @Override
        protected QueryResult matchDocuments(Document query, Document order, int skip, int limit,
                int batch, Document projection) {
            if (query.get("_id") instanceof String id) {
                List<Object> positions = getDocument(id) == null ? List.of() : List.of(id);
                return matchDocuments(query, positions, order, skip, limit, batch, projection);
            }
            return super.matchDocuments(query, order, skip, limit, batch, projection);
        }
    }
}
