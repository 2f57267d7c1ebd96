import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.function.Function;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.synonym.SolrSynonymParser;
import org.apache.lucene.analysis.synonym.SynonymFilter;
import org.apache.lucene.analysis.synonym.SynonymGraphFilter;
import org.apache.lucene.analysis.synonym.SynonymMap;
import org.apache.lucene.util.CharsRef;
import org.apache.lucene.util.CharsRefBuilder;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.IndexService.IndexCreationContext;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.CustomAnalyzer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;

/** {@code synonyms} or {@code synonyms_path} in Solr's rules, read with the chain before the filter, as Elasticsearch does. */
@SuppressWarnings("deprecation")
final class Synonyms extends AbstractTokenFilterFactory {
    private final Environment environment;
    private final Settings settings;
    private final boolean graph;

    Synonyms(String name, Environment environment, Settings settings, boolean graph) {
        super(name);
        this.environment = environment;
        this.settings = settings;
        this.graph = graph;
    }

    @Override
    public TokenStream create(TokenStream input) {
        throw new IllegalStateException("needs a chain");
    }

    @Override
    public TokenFilterFactory getChainAwareTokenFilterFactory(IndexCreationContext context,
            TokenizerFactory tokenizer, List<CharFilterFactory> charFilters,
            List<TokenFilterFactory> before, Function<String, TokenFilterFactory> all) {
        Analyzer chain = new CustomAnalyzer(tokenizer, charFilters.toArray(CharFilterFactory[]::new),
            before.stream().map(TokenFilterFactory::getSynonymFilter).toArray(TokenFilterFactory[]::new));
        SynonymMap map = parse(chain);
        return TokenFilters.of(name(), false, input -> map.fst == null ? input
            : graph ? new SynonymGraphFilter(input, map, false) : new SynonymFilter(input, map, false));
    }

    private SynonymMap parse(Analyzer chain) {
        List<String> rules = Analysis.getWordList(environment, settings, "synonyms");
        if (rules == null) {
            throw new IllegalArgumentException(
                "synonym requires either `synonyms` or `synonyms_path` to be configured");
        }
        try {
            Parser parser = new Parser(settings, chain);
            parser.parse(new StringReader(String.join("\n", rules)));
            return parser.build();
        } catch (Exception failure) {
            throw new IllegalArgumentException("failed to build synonyms", failure);
        }
    }

    /** With {@code lenient}, skips what the chain leaves nothing of. */
    private static final class Parser extends SolrSynonymParser {
        private final boolean lenient;

        Parser(Settings settings, Analyzer chain) {
            super(true, settings.getAsBoolean("expand", true), chain);
            lenient = settings.getAsBoolean("lenient", false);
        }

        @Override
        public CharsRef analyze(String text, CharsRefBuilder reuse) throws IOException {
            try {
                return super.analyze(text, reuse);
            } catch (IllegalArgumentException failure) {
                if (lenient) {
                    return new CharsRef("");
                }
                throw failure;
            }
        }

        @Override
        public void add(CharsRef input, CharsRef output, boolean keep) {
            if (input.length > 0 && output.length > 0) {
                super.add(input, output, keep);
            }
        }
    }
}
