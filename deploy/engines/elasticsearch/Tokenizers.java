import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.core.KeywordTokenizer;
import org.apache.lucene.analysis.core.LetterTokenizer;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.analysis.ko.KoreanTokenizer;
import org.apache.lucene.analysis.ko.KoreanTokenizer.DecompoundMode;
import org.apache.lucene.analysis.ko.dict.UserDictionary;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenizer;
import org.apache.lucene.analysis.ngram.NGramTokenizer;
import org.apache.lucene.analysis.pattern.PatternTokenizer;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;

/** Tokenizers by the names and settings of Elasticsearch. */
final class Tokenizers {
    private Tokenizers() {}

    static Map<String, AnalysisProvider<TokenizerFactory>> all() {
        Map<String, AnalysisProvider<TokenizerFactory>> all = new HashMap<>();
        all.put("nori_tokenizer", (index, environment, name, settings) -> {
            UserDictionary dictionary = Nori.dictionary(environment, settings);
            DecompoundMode mode = Nori.mode(settings);
            boolean discard = settings.getAsBoolean("discard_punctuation", true);
            return TokenizerFactory.newFactory(name, () -> new KoreanTokenizer(
                TokenStream.DEFAULT_TOKEN_ATTRIBUTE_FACTORY, dictionary, mode, false, discard));
        });
        all.put("keyword", of(settings -> KeywordTokenizer::new));
        all.put("whitespace", of(settings -> WhitespaceTokenizer::new));
        all.put("letter", of(settings -> LetterTokenizer::new));
        all.put("edge_ngram", of(settings -> {
            int min = settings.getAsInt("min_gram", 1), max = settings.getAsInt("max_gram", 2);
            return () -> new EdgeNGramTokenizer(min, max);
        }));
        all.put("ngram", of(settings -> {
            int min = settings.getAsInt("min_gram", 1), max = settings.getAsInt("max_gram", 2);
            return () -> new NGramTokenizer(min, max);
        }));
        all.put("pattern", of(settings -> {
            Pattern pattern = Pattern.compile(settings.get("pattern", "\\W+"));
            int group = settings.getAsInt("group", -1);
            return () -> new PatternTokenizer(pattern, group);
        }));
        return all;
    }

    private static AnalysisProvider<TokenizerFactory> of(Function<Settings, Supplier<Tokenizer>> make) {
        return (index, environment, name, settings) -> TokenizerFactory.newFactory(name, make.apply(settings));
    }
}
