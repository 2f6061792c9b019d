import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Publishes one fixture of the Premier League, in a week's time, to football.raw-events.
 *
 * <pre>mvn -q compile exec:java -Dexec.mainClass=Produce -Dexec.args="BROKERS REGISTRY_URL HOME AWAY"</pre>
 */
public final class Produce {
    private static final String TOPIC = "football.raw-events";
    /** The moment "scheduled" is so long before kick-off. */
    private static final Duration SCHEDULED_BEFORE = Duration.ofDays(14);

    public static void main(String[] args) throws Exception {
        String brokers = args[0], registry = args[1], home = args[2], away = args[3];
        JsonNode subject = latestSchema(registry); // it is registered already; the line refuses foreign ones
        Schema schema = new Schema.Parser().parse(subject.get("schema").asText());
        LocalDate day = LocalDate.now(ZoneOffset.UTC).plusDays(7);
        byte[] value = frame(subject.get("id").asInt(), fixture(schema, home, away, day));
        Map<String, Object> config = Map.of("bootstrap.servers", brokers, "enable.idempotence", true);
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer())) {
            int partitions = producer.partitionsFor(TOPIC).size();
            int partition = PoolPartition.of("england", partitions); // never the client's own partitioner
            producer.send(new ProducerRecord<>(TOPIC, partition, "england", value)).get();
        }
    }

    /** Returns the raw event that schedules the match. */
    private static GenericRecord fixture(Schema schema, String home, String away, LocalDate day) {
        int firstYear = day.getMonthValue() >= 7 ? day.getYear() : day.getYear() - 1;
        String name = "E0/" + day + "/" + home + "/" + away;
        String payload = "Div,Date,HomeTeam,AwayTeam\nE0," + day + "," + home + "," + away;
        Instant kickoff = day.atTime(15, 0).toInstant(ZoneOffset.UTC);
        GenericRecord event = new GenericData.Record(schema);
        event.put("pool", "england");
        event.put("source", "football-data"); // whose format the payload has
        event.put("source_event_id", name + "#scheduled");
        event.put("source_match_id", name);
        event.put("competition", "E0");
        event.put("season", String.format("%d-%02d", firstYear, (firstYear + 1) % 100));
        event.put("moment", "scheduled");
        event.put("at", kickoff.minus(SCHEDULED_BEFORE).toEpochMilli());
        event.put("fetched_at", System.currentTimeMillis());
        event.put("content_type", "text/csv");
        event.put("payload", ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)));
        return event;
    }

    /** Returns the registry's latest schema of the topic's values: its id and its text. */
    private static JsonNode latestSchema(String registry) throws Exception {
        URI uri = URI.create(registry + "/subjects/" + TOPIC + "-value/versions/latest");
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(uri + ": " + answer.body());
        }
        return new ObjectMapper().readTree(answer.body());
    }

    /** Returns the record in Confluent's frame: a zero byte, the schema's id in four bytes, the Avro body. */
    private static byte[] frame(int schemaId, GenericRecord event) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(schemaId).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(event.getSchema()).write(event, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
