import java.nio.file.Path;
import java.util.*;
import java.util.concurrent.*;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.*;
import org.elasticsearch.plugins.PluginsLoader;

/** args: HOME (config/ modules/ plugins/) DATA_DIR HTTP_PORT [setting=value ...] */
public final class Server {
    public static void main(String[] a) throws Exception {
        Path home = Path.of(a[0]).toAbsolutePath(), data = Path.of(a[1]).toAbsolutePath();
        Settings.Builder b = Settings.builder()
            .put("path.home", home.toString()).put("path.data", data.toString()).put("path.logs", data.resolve("logs").toString())
            .put("cluster.name", "jangteo").put("node.name", "node-1").put("discovery.type", "single-node")
            .put("network.host", "127.0.0.1").put("http.port", a[2]).put("transport.port", "0")
            .put("cluster.routing.allocation.disk.threshold_enabled", "false").put("node.store.allow_mmap", "false");
        for (int i = 3; i < a.length; i++) { int e = a[i].indexOf('='); b.put(a[i].substring(0, e), a[i].substring(e + 1)); }
        LogConfigurator.registerErrorListener();
        LogConfigurator.setNodeName("node-1"); LogConfigurator.setClusterName("jangteo");
        Environment env = InternalSettingsPreparer.prepareEnvironment(b.build(), Map.of(), home.resolve("config"), () -> "node-1");
        LogConfigurator.configure(env, true);
        Node node = new Node(env, PluginsLoader.createPluginsLoader(PluginsLoader.loadModulesBundles(env.modulesDir(), false),
            PluginsLoader.loadPluginsBundles(env.pluginsDir(), false), Map.of(), false));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try { node.prepareForClose(); node.close(); node.awaitClose(20, TimeUnit.SECONDS); System.err.println("closed"); }
            catch (Exception e) { e.printStackTrace(); }
        }));
        node.start();
        new CountDownLatch(1).await();
    }
}
