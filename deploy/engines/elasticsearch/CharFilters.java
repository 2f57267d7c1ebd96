import java.io.Reader;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.charfilter.HTMLStripCharFilter;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.pattern.PatternReplaceCharFilter;
import org.elasticsearch.index.analysis.AbstractCharFilterFactory;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;

/** Character filters by the names and settings of Elasticsearch. */
final class CharFilters {
    private CharFilters() {}

    static Map<String, AnalysisProvider<CharFilterFactory>> all() {
        Map<String, AnalysisProvider<CharFilterFactory>> all = new HashMap<>();
        all.put("html_strip", (index, environment, name, settings) -> of(name, HTMLStripCharFilter::new));
        all.put("pattern_replace", AnalysisPlugin.requiresAnalysisSettings((index, environment, name, settings) -> {
            Pattern pattern = Pattern.compile(settings.get("pattern"));
            String replacement = settings.get("replacement", "");
            return of(name, input -> new PatternReplaceCharFilter(pattern, replacement, input));
        }));
        all.put("mapping", AnalysisPlugin.requiresAnalysisSettings((index, environment, name, settings) -> {
            NormalizeCharMap.Builder rules = new NormalizeCharMap.Builder();
            for (String rule : Analysis.getWordList(environment, settings, "mappings")) {
                String[] sides = rule.split("\\s*=>\\s*", -1);
                rules.add(sides[0], sides[1]);
            }
            NormalizeCharMap map = rules.build();
            return of(name, input -> new MappingCharFilter(map, input));
        }));
        return all;
    }

    private static CharFilterFactory of(String name, UnaryOperator<Reader> wrap) {
        return new AbstractCharFilterFactory(name) {
            @Override
            public Reader create(Reader input) {
                return wrap.apply(input);
            }
        };
    }
}
