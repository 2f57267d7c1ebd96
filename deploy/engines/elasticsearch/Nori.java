import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.ko.KoreanAnalyzer;
import org.apache.lucene.analysis.ko.KoreanPartOfSpeechStopFilter;
import org.apache.lucene.analysis.ko.KoreanTokenizer.DecompoundMode;
import org.apache.lucene.analysis.ko.POS;
import org.apache.lucene.analysis.ko.dict.UserDictionary;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.analysis.Analysis;

/** Reads the settings of Lucene's nori as the official plugin names them. */
final class Nori {
    private Nori() {}

    static Analyzer analyzer(Environment environment, Settings settings) {
        return new KoreanAnalyzer(dictionary(environment, settings), mode(settings), stopTags(settings), false);
    }

    static UserDictionary dictionary(Environment environment, Settings settings) {
        List<String> rules = Analysis.getWordList(environment, settings, "user_dictionary",
            "user_dictionary_rules", "lenient", false, true);
        if (rules == null || rules.isEmpty()) {
            return null;
        }
        try (StringReader reader = new StringReader(String.join("\n", rules))) {
            return UserDictionary.open(reader);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    static DecompoundMode mode(Settings settings) {
        return DecompoundMode.valueOf(settings.get("decompound_mode", "discard").toUpperCase(Locale.ROOT));
    }

    static Set<POS.Tag> stopTags(Settings settings) {
        List<String> names = settings.getAsList("stoptags", null);
        if (names == null) {
            return KoreanPartOfSpeechStopFilter.DEFAULT_STOP_TAGS;
        }
        Set<POS.Tag> tags = EnumSet.noneOf(POS.Tag.class);
        names.forEach(name -> tags.add(POS.resolveTag(name)));
        return tags;
    }
}
