// Reads an interval log with HdrHistogram's own library and prints, a line for each tag,
//
//     TAG COUNT LINES p50 p90 p95 p99 p99.9 p100      (nanoseconds)
//
//     java -cp /usr/share/java/hdrhistogram.jar HistogramLog.java latency.hlog
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

public class HistogramLog {
  private static final double[] PERCENTILES = {50, 90, 95, 99, 99.9, 100};

  public static void main(String[] arguments) throws Exception {
    Map<String, Histogram> sums = new TreeMap<>();
    Map<String, Integer> lines = new TreeMap<>();
    HistogramLogReader reader = new HistogramLogReader(arguments[0]);
    for (EncodableHistogram next = reader.nextIntervalHistogram(); next != null;
        next = reader.nextIntervalHistogram()) {
      Histogram interval = (Histogram) next;
      sums.computeIfAbsent(interval.getTag(), tag -> new Histogram(interval)).add(interval);
      lines.merge(interval.getTag(), 1, Integer::sum);
    }
    for (Map.Entry<String, Histogram> sum : sums.entrySet()) {
      StringBuilder line = new StringBuilder(sum.getKey());
      line.append(' ').append(sum.getValue().getTotalCount());
      line.append(' ').append(lines.get(sum.getKey()));
      for (double percentile : PERCENTILES) {
        line.append(' ').append(sum.getValue().getValueAtPercentile(percentile));
      }
      System.out.println(line);
    }
  }
}
