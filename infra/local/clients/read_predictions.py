#!/usr/bin/env python3
"""Read football.predictions.v1 as a subscriber in Python does: Confluent's client, deserializer and registry client.

    read_predictions.py BROKERS REGISTRY_URL

It reads committed records up to the ends of all partitions as they are at the start, and prints one JSON line:
the number of records, of matches, and of records whose probabilities of home, draw and away are not a distribution.
"""

import json
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

TOPIC = "football.predictions.v1"
SECONDS = 60  # without a record or an end of a partition


def main(brokers: str, registry: str) -> int:
    deserialize = AvroDeserializer(SchemaRegistryClient({"url": registry}))
    consumer = Consumer({
        "bootstrap.servers": brokers,
        "group.id": "read-predictions",  # needed by the client; nothing is committed
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    })
    partitions = consumer.list_topics(TOPIC, timeout=SECONDS).topics[TOPIC].partitions
    consumer.assign([TopicPartition(TOPIC, p, OFFSET_BEGINNING) for p in partitions])
    open_partitions, records, matches, wrong = set(partitions), 0, set(), 0
    deadline = time.monotonic() + SECONDS
    while open_partitions:
        message = consumer.poll(1.0)
        if message is None:
            if time.monotonic() > deadline:
                sys.exit(f"partitions {sorted(open_partitions)} did not come to their end within {SECONDS} s")
            continue
        deadline = time.monotonic() + SECONDS
        if message.error():
            if message.error().code() != KafkaError._PARTITION_EOF:
                sys.exit(str(message.error()))
            open_partitions.discard(message.partition())
            continue
        prediction = deserialize(message.value(), SerializationContext(TOPIC, MessageField.VALUE))
        records += 1
        matches.add(prediction["match"])
        wrong += not is_distribution(prediction)
    consumer.close()
    print(json.dumps({"records": records, "matches": len(matches), "wrong": wrong}))
    return 0


def is_distribution(prediction: dict) -> bool:
    outcome = prediction["outcome"]
    values = [outcome["home"], outcome["draw"], outcome["away"]]
    return all(0 <= v <= 1 for v in values) and abs(sum(values) - 1) < 1e-6


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
