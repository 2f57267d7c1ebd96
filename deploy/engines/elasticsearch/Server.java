import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** One node. Arguments: PROGRAM (with config/, modules/, plugins/) DATA PORT. SIGTERM stops it cleanly. */
public final class Server {
    private static final String NODE = "node-1";

    public static void main(String[] arguments) throws Exception {
        Path program = Path.of(arguments[0]).toAbsolutePath();
        Path data = Path.of(arguments[1]).toAbsolutePath();
        Settings settings = Settings.builder()
            .put("path.home", program.toString())
            .put("path.data", data.toString())
            .put("path.logs", data.resolve("logs").toString())
            .put("cluster.name", "jangteo")
            .put("node.name", NODE)
            .put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1")
            .put("http.port", arguments[2])
            .put("transport.port", "0")
            .put("cluster.routing.allocation.disk.threshold_enabled", "false")
            // Else a disk that is 95 % full counts as one of 0 bytes, and nothing is ever merged.
            .put("indices.merge.disk.check_interval", "0s")
            .put("node.store.allow_mmap", "true")
            .build();
        LogConfigurator.registerErrorListener();
        LogConfigurator.setNodeName(NODE);
        LogConfigurator.setClusterName("jangteo");
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            settings, Map.of(), program.resolve("config"), () -> NODE);
        LogConfigurator.configure(environment, true);
        Node node = new Node(environment, PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(environment.modulesDir(), false),
            PluginsLoader.loadPluginsBundles(environment.pluginsDir(), false), Map.of(), false));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        new CountDownLatch(1).await();
    }

    private static void close(Node node) {
        try {
            node.prepareForClose();
            node.close();
            node.awaitClose(20, TimeUnit.SECONDS);
        } catch (Exception failure) {
            failure.printStackTrace();
        }
    }
}
