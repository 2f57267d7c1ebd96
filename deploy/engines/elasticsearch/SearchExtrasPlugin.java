import java.io.*;
import java.util.*;
import java.util.function.*;
import org.apache.lucene.analysis.*;
import org.apache.lucene.analysis.charfilter.HTMLStripCharFilter;
import org.apache.lucene.analysis.core.*;
import org.apache.lucene.analysis.ko.*;
import org.apache.lucene.analysis.ko.dict.UserDictionary;
import org.apache.lucene.analysis.miscellaneous.*;
import org.apache.lucene.analysis.ngram.*;
import org.apache.lucene.analysis.pattern.*;
import org.apache.lucene.analysis.reverse.ReverseStringFilter;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.synonym.*;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.IndexService.IndexCreationContext;
import org.elasticsearch.index.analysis.*;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.*;
import org.elasticsearch.rest.*;
import org.elasticsearch.rest.action.RestBuilderListener;
import org.elasticsearch.xcontent.XContentBuilder;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.features.NodeFeature;

/** What the published jars lack: nori, the parts of analysis-common that are used here, and GET /. */
public final class SearchExtrasPlugin extends Plugin implements AnalysisPlugin, ActionPlugin {
    private ClusterService cluster;
    @Override public Collection<?> createComponents(PluginServices s) { cluster = s.clusterService(); return List.of(); }

    /** GET /, which clients ask first: its module is not published as a jar. */
    @Override public Collection<RestHandler> getRestHandlers(RestHandlersServices s, Supplier<DiscoveryNodes> n, Predicate<NodeFeature> f) {
        return List.of(
            new BaseRestHandler() {
            @Override public String getName() { return "main_action"; }
            @Override public List<Route> routes() { return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/")); }
            @Override protected RestChannelConsumer prepareRequest(RestRequest r, NodeClient c) {
                return ch -> {
                    XContentBuilder b = ch.newBuilder(); var v = org.elasticsearch.Build.current();
                    b.startObject().field("name", cluster.getNodeName()).field("cluster_name", cluster.getClusterName().value())
                     .field("cluster_uuid", cluster.state().metadata().clusterUUID()).startObject("version").field("number", v.version())
                     .field("build_flavor", "default").field("build_type", v.type().displayName()).field("build_hash", v.hash()).field("build_date", v.date())
                     .field("build_snapshot", v.isSnapshot()).field("lucene_version", org.apache.lucene.util.Version.LATEST.toString())
                     .field("minimum_wire_compatibility_version", v.minWireCompatVersion()).field("minimum_index_compatibility_version", v.minIndexCompatVersion())
                     .endObject().field("tagline", "You Know, for Search").endObject();
                    ch.sendResponse(new RestResponse(RestStatus.OK, b));
                };
            }
        });
    }

    interface F { TokenStream make(TokenStream t); }
    static TokenFilterFactory filter(String name, boolean normalizing, F f) {
        return new AbstractTokenFilterFactory(name) {
            @Override public TokenStream create(TokenStream t) { return f.make(t); }
            @Override public TokenStream normalize(TokenStream t) { return normalizing ? f.make(t) : t; }
        };
    }
    static AnalysisProvider<TokenizerFactory> tok(Function<Settings, Supplier<Tokenizer>> g) {
        return (i, e, n, s) -> { Supplier<Tokenizer> sup = g.apply(s); return TokenizerFactory.newFactory(n, sup); };
    }
    static UserDictionary userDict(Environment env, Settings s) {
        List<String> rules = Analysis.getWordList(env, s, "user_dictionary", "user_dictionary_rules", "lenient", false, true);
        if (rules == null || rules.isEmpty()) return null;
        try (Reader r = new StringReader(String.join("\n", rules))) { return UserDictionary.open(r); } catch (IOException e) { throw new UncheckedIOException(e); }
    }
    static KoreanTokenizer.DecompoundMode mode(Settings s) {
        return KoreanTokenizer.DecompoundMode.valueOf(s.get("decompound_mode", "discard").toUpperCase(Locale.ROOT));
    }
    static Set<POS.Tag> tags(Settings s) {
        List<String> l = s.getAsList("stoptags", null);
        if (l == null) return KoreanPartOfSpeechStopFilter.DEFAULT_STOP_TAGS;
        Set<POS.Tag> out = EnumSet.noneOf(POS.Tag.class); l.forEach(t -> out.add(POS.resolveTag(t))); return out;
    }

    @Override public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        Map<String, AnalysisProvider<TokenizerFactory>> m = new HashMap<>();
        m.put("nori_tokenizer", (i, e, n, s) -> {
            UserDictionary d = userDict(e, s); var mode = mode(s); boolean dp = s.getAsBoolean("discard_punctuation", true);
            return TokenizerFactory.newFactory(n, () -> new KoreanTokenizer(TokenStream.DEFAULT_TOKEN_ATTRIBUTE_FACTORY, d, mode, false, dp));
        });
        m.put("keyword", tok(s -> KeywordTokenizer::new));
        m.put("whitespace", tok(s -> WhitespaceTokenizer::new));
        m.put("letter", tok(s -> LetterTokenizer::new));
        m.put("edge_ngram", tok(s -> { int a = s.getAsInt("min_gram", 1), b = s.getAsInt("max_gram", 2); return () -> new EdgeNGramTokenizer(a, b); }));
        m.put("ngram", tok(s -> { int a = s.getAsInt("min_gram", 1), b = s.getAsInt("max_gram", 2); return () -> new NGramTokenizer(a, b); }));
        m.put("pattern", tok(s -> { var p = java.util.regex.Pattern.compile(s.get("pattern", "\\W+")); int g = s.getAsInt("group", -1); return () -> new PatternTokenizer(p, g); }));
        return m;
    }
    @Override public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        Map<String, AnalysisProvider<TokenFilterFactory>> m = new HashMap<>();
        m.put("nori_part_of_speech", (i, e, n, s) -> { var t = tags(s); return filter(n, false, x -> new KoreanPartOfSpeechStopFilter(x, t)); });
        m.put("nori_readingform", (i, e, n, s) -> filter(n, false, KoreanReadingFormFilter::new));
        m.put("nori_number", (i, e, n, s) -> filter(n, false, KoreanNumberFilter::new));
        m.put("lowercase", (i, e, n, s) -> filter(n, true, org.apache.lucene.analysis.LowerCaseFilter::new));
        m.put("uppercase", (i, e, n, s) -> filter(n, true, UpperCaseFilter::new));
        m.put("trim", (i, e, n, s) -> filter(n, true, TrimFilter::new));
        m.put("asciifolding", (i, e, n, s) -> filter(n, true, ASCIIFoldingFilter::new));
        m.put("cjk_width", (i, e, n, s) -> filter(n, true, CJKWidthFilter::new));
        m.put("reverse", (i, e, n, s) -> filter(n, false, ReverseStringFilter::new));
        m.put("unique", (i, e, n, s) -> filter(n, false, RemoveDuplicatesTokenFilter::new));
        m.put("remove_duplicates", (i, e, n, s) -> filter(n, false, RemoveDuplicatesTokenFilter::new));
        m.put("flatten_graph", (i, e, n, s) -> filter(n, false, org.apache.lucene.analysis.core.FlattenGraphFilter::new));
        m.put("length", (i, e, n, s) -> { int a = s.getAsInt("min", 0), b = s.getAsInt("max", Integer.MAX_VALUE); return filter(n, false, x -> new LengthFilter(x, a, b)); });
        m.put("edge_ngram", (i, e, n, s) -> { int a = s.getAsInt("min_gram", 1), b = s.getAsInt("max_gram", 2); boolean k = s.getAsBoolean("preserve_original", false); return filter(n, false, x -> new EdgeNGramTokenFilter(x, a, b, k)); });
        m.put("ngram", (i, e, n, s) -> { int a = s.getAsInt("min_gram", 1), b = s.getAsInt("max_gram", 2); boolean k = s.getAsBoolean("preserve_original", false); return filter(n, false, x -> new NGramTokenFilter(x, a, b, k)); });
        m.put("pattern_replace", AnalysisPlugin.requiresAnalysisSettings((i, e, n, s) -> { var p = java.util.regex.Pattern.compile(s.get("pattern")); String r = s.get("replacement", ""); boolean all = s.getAsBoolean("all", true); return filter(n, true, x -> new PatternReplaceFilter(x, p, r, all)); }));
        m.put("synonym_graph", AnalysisPlugin.requiresAnalysisSettings((i, e, n, s) -> new Syn(n, e, s, true)));
        m.put("synonym", AnalysisPlugin.requiresAnalysisSettings((i, e, n, s) -> new Syn(n, e, s, false)));
        return m;
    }
    /** inline "synonyms" or "synonyms_path" (Solr rules), parsed with the chain in front of the filter, as Elasticsearch does. */
    @SuppressWarnings("deprecation")
    static final class Syn extends AbstractTokenFilterFactory {
        final Environment env; final Settings s; final boolean graph;
        Syn(String n, Environment env, Settings s, boolean graph) { super(n); this.env = env; this.s = s; this.graph = graph; }
        @Override public TokenStream create(TokenStream t) { throw new IllegalStateException("needs a chain"); }
        @Override public TokenFilterFactory getChainAwareTokenFilterFactory(IndexCreationContext c, TokenizerFactory tk, List<CharFilterFactory> cf, List<TokenFilterFactory> prev, Function<String, TokenFilterFactory> all) {
            Analyzer a = new CustomAnalyzer(tk, cf.toArray(CharFilterFactory[]::new), prev.stream().map(TokenFilterFactory::getSynonymFilter).toArray(TokenFilterFactory[]::new));
            List<String> rules = Analysis.getWordList(env, s, "synonyms");
            if (rules == null) throw new IllegalArgumentException("synonym requires either `synonyms` or `synonyms_path` to be configured");
            boolean expand = s.getAsBoolean("expand", true), lenient = s.getAsBoolean("lenient", false);
            SynonymMap map;
            try {
                SolrSynonymParser p = new SolrSynonymParser(true, expand, a) {
                    @Override public org.apache.lucene.util.CharsRef analyze(String text, org.apache.lucene.util.CharsRefBuilder r) throws IOException {
                        try { return super.analyze(text, r); } catch (IllegalArgumentException ex) { if (lenient) return new org.apache.lucene.util.CharsRef(""); throw ex; }
                    }
                    @Override public void add(org.apache.lucene.util.CharsRef in, org.apache.lucene.util.CharsRef out, boolean keep) { if (in.length > 0 && out.length > 0) super.add(in, out, keep); }
                };
                p.parse(new StringReader(String.join("\n", rules))); map = p.build();
            } catch (Exception ex) { throw new IllegalArgumentException("failed to build synonyms", ex); }
            return filter(name(), false, x -> map.fst == null ? x : graph ? new SynonymGraphFilter(x, map, false) : new SynonymFilter(x, map, false));
        }
    }
    @Override public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
        Map<String, AnalysisProvider<CharFilterFactory>> m = new HashMap<>();
        m.put("html_strip", (i, e, n, s) -> cf(n, HTMLStripCharFilter::new));
        m.put("pattern_replace", AnalysisPlugin.requiresAnalysisSettings((i, e, n, s) -> { var p = java.util.regex.Pattern.compile(s.get("pattern")); String r = s.get("replacement", ""); return cf(n, x -> new PatternReplaceCharFilter(p, r, x)); }));
        m.put("mapping", AnalysisPlugin.requiresAnalysisSettings((i, e, n, s) -> {
            var b = new org.apache.lucene.analysis.charfilter.NormalizeCharMap.Builder();
            for (String l : Analysis.getWordList(e, s, "mappings")) { String[] kv = l.split("\\s*=>\\s*", -1); b.add(kv[0], kv[1]); }
            var map = b.build(); return cf(n, x -> new org.apache.lucene.analysis.charfilter.MappingCharFilter(map, x));
        }));
        return m;
    }
    static CharFilterFactory cf(String n, Function<Reader, Reader> f) {
        return new AbstractCharFilterFactory(n) { @Override public Reader create(Reader r) { return f.apply(r); } };
    }
    @Override public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
        return Map.of(
            "nori", (i, e, n, s) -> { var a = new KoreanAnalyzer(userDict(e, s), mode(s), tags(s), false); return new AbstractIndexAnalyzerProvider<Analyzer>(n) { @Override public Analyzer get() { return a; } }; },
            "whitespace", (i, e, n, s) -> { var a = new WhitespaceAnalyzer(); return new AbstractIndexAnalyzerProvider<Analyzer>(n) { @Override public Analyzer get() { return a; } }; },
            "simple", (i, e, n, s) -> { var a = new SimpleAnalyzer(); return new AbstractIndexAnalyzerProvider<Analyzer>(n) { @Override public Analyzer get() { return a; } }; });
    }
    @Override public List<PreConfiguredTokenizer> getPreConfiguredTokenizers() {
        return List.of(PreConfiguredTokenizer.singleton("keyword", KeywordTokenizer::new), PreConfiguredTokenizer.singleton("whitespace", WhitespaceTokenizer::new));
    }
}
