import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.core.FlattenGraphFilter;
import org.apache.lucene.analysis.core.UpperCaseFilter;
import org.apache.lucene.analysis.ko.KoreanNumberFilter;
import org.apache.lucene.analysis.ko.KoreanPartOfSpeechStopFilter;
import org.apache.lucene.analysis.ko.KoreanReadingFormFilter;
import org.apache.lucene.analysis.ko.POS;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.LengthFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.miscellaneous.TrimFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.ngram.NGramTokenFilter;
import org.apache.lucene.analysis.pattern.PatternReplaceFilter;
import org.apache.lucene.analysis.reverse.ReverseStringFilter;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;

/** Token filters by the names and settings of Elasticsearch. */
final class TokenFilters {
    private TokenFilters() {}

    static Map<String, AnalysisProvider<TokenFilterFactory>> all() {
        Map<String, AnalysisProvider<TokenFilterFactory>> all = new HashMap<>();
        all.put("nori_readingform", plain(KoreanReadingFormFilter::new));
        all.put("nori_number", plain(KoreanNumberFilter::new));
        all.put("reverse", plain(ReverseStringFilter::new));
        all.put("remove_duplicates", plain(RemoveDuplicatesTokenFilter::new));
        all.put("flatten_graph", plain(FlattenGraphFilter::new));
        all.put("lowercase", normalizing(LowerCaseFilter::new));
        all.put("uppercase", normalizing(UpperCaseFilter::new));
        all.put("trim", normalizing(TrimFilter::new));
        all.put("asciifolding", normalizing(ASCIIFoldingFilter::new));
        all.put("cjk_width", normalizing(CJKWidthFilter::new));
        all.put("nori_part_of_speech", (index, environment, name, settings) -> {
            Set<POS.Tag> tags = Nori.stopTags(settings);
            return of(name, false, input -> new KoreanPartOfSpeechStopFilter(input, tags));
        });
        all.put("length", (index, environment, name, settings) -> {
            int min = settings.getAsInt("min", 0), max = settings.getAsInt("max", Integer.MAX_VALUE);
            return of(name, false, input -> new LengthFilter(input, min, max));
        });
        all.put("edge_ngram", (index, environment, name, settings) -> {
            int min = settings.getAsInt("min_gram", 1), max = settings.getAsInt("max_gram", 2);
            boolean keep = settings.getAsBoolean("preserve_original", false);
            return of(name, false, input -> new EdgeNGramTokenFilter(input, min, max, keep));
        });
        all.put("ngram", (index, environment, name, settings) -> {
            int min = settings.getAsInt("min_gram", 1), max = settings.getAsInt("max_gram", 2);
            boolean keep = settings.getAsBoolean("preserve_original", false);
            return of(name, false, input -> new NGramTokenFilter(input, min, max, keep));
        });
        all.put("pattern_replace", AnalysisPlugin.requiresAnalysisSettings((index, environment, name, settings) -> {
            Pattern pattern = Pattern.compile(settings.get("pattern"));
            String replacement = settings.get("replacement", "");
            boolean every = settings.getAsBoolean("all", true);
            return of(name, true, input -> new PatternReplaceFilter(input, pattern, replacement, every));
        }));
        all.put("synonym_graph", AnalysisPlugin.requiresAnalysisSettings(
            (index, environment, name, settings) -> new Synonyms(name, environment, settings, true)));
        all.put("synonym", AnalysisPlugin.requiresAnalysisSettings(
            (index, environment, name, settings) -> new Synonyms(name, environment, settings, false)));
        return all;
    }

    /** A filter; {@code normalizing} ones apply to keywords and wildcards too. */
    static TokenFilterFactory of(String name, boolean normalizing, UnaryOperator<TokenStream> wrap) {
        return new AbstractTokenFilterFactory(name) {
            @Override
            public TokenStream create(TokenStream input) {
                return wrap.apply(input);
            }

            @Override
            public TokenStream normalize(TokenStream input) {
                return normalizing ? wrap.apply(input) : input;
            }
        };
    }

    private static AnalysisProvider<TokenFilterFactory> plain(UnaryOperator<TokenStream> wrap) {
        return (index, environment, name, settings) -> of(name, false, wrap);
    }

    private static AnalysisProvider<TokenFilterFactory> normalizing(UnaryOperator<TokenStream> wrap) {
        return (index, environment, name, settings) -> of(name, true, wrap);
    }
}
