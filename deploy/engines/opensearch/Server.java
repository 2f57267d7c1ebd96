import java.nio.file.Path;
import java.util.*;
import java.util.concurrent.CountDownLatch;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/** Single-node OpenSearch with every module on the class path. args: DATA_DIR HTTP_PORT [setting=value ...] */
public final class Server extends Node {
    static final List<String> PLUGINS = List.of(
        "org.opensearch.transport.Netty4ModulePlugin",
        "org.opensearch.analysis.common.CommonAnalysisModulePlugin",
        "org.opensearch.plugin.analysis.nori.AnalysisNoriPlugin",
        "org.opensearch.index.mapper.MapperExtrasModulePlugin",
        "org.opensearch.index.reindex.ReindexModulePlugin",
        "org.opensearch.painless.PainlessModulePlugin",
        "org.opensearch.script.expression.ExpressionModulePlugin",
        "org.opensearch.script.mustache.MustacheModulePlugin",
        "org.opensearch.join.ParentJoinModulePlugin",
        "org.opensearch.percolator.PercolatorModulePlugin",
        "org.opensearch.index.rankeval.RankEvalModulePlugin",
        "org.opensearch.geo.GeoModulePlugin",
        "org.opensearch.ingest.common.IngestCommonModulePlugin",
        "org.opensearch.search.aggregations.matrix.MatrixAggregationModulePlugin");

    Server(Settings s, List<PluginInfo> plugins) {
        super(InternalSettingsPreparer.prepareEnvironment(s, Map.of(), null, () -> "node-1"), plugins, false);
    }

    public static void main(String[] a) throws Exception {
        Path data = Path.of(a[0]).toAbsolutePath();
        Path home = data.resolve("home");
        java.nio.file.Files.createDirectories(home.resolve("config"));
        Settings.Builder b = Settings.builder()
            .put("path.home", home).put("path.data", data).put("path.logs", data.resolve("logs"))
            .put("cluster.name", "jangteo").put("node.name", "node-1").put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1").put("http.port", a[1]).put("transport.port", "0")
            .put("cluster.routing.allocation.disk.threshold_enabled", false).put("node.store.allow_mmap", false)
            .put("action.destructive_requires_name", true);           // Elasticsearch's default
        for (int i = 2; i < a.length; i++) { int e = a[i].indexOf('='); b.put(a[i].substring(0, e), a[i].substring(e + 1)); }
        List<PluginInfo> plugins = new ArrayList<>();
        for (String c : PLUGINS)
            plugins.add(new PluginInfo(c, "classpath", "NA", Version.CURRENT, "21", c, List.of(), false));
        Node node = new Server(b.build(), plugins);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try { node.close(); node.awaitClose(20, java.util.concurrent.TimeUnit.SECONDS); System.err.println("closed"); }
            catch (Exception e) { e.printStackTrace(); }
        }));
        node.start();
        new CountDownLatch(1).await();
    }
}
