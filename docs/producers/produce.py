"""Publish one fixture to football.raw-events with Confluent's Python client.

    pip install 'confluent-kafka[avro,schemaregistry]'
    produce.py BROKERS REGISTRY_URL HOME AWAY

The match is of the Premier League, in a week's time. The forecast is in football.predictions.v1 at once.
"""

import sys
from datetime import datetime, timedelta, timezone

from confluent_kafka import Producer
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from pool_partition import pool_partition

TOPIC = "football.raw-events"
SCHEDULED_BEFORE = timedelta(days=14)  # the moment "scheduled" is so long before kick-off


def fixture(home: str, away: str, kickoff: datetime) -> dict:
    """Return the raw event that schedules the match."""
    first_year = kickoff.year if kickoff.month >= 7 else kickoff.year - 1
    name = f"E0/{kickoff:%Y-%m-%d}/{home}/{away}"
    return {
        "pool": "england",
        "source": "football-data",  # whose format the payload has
        "source_event_id": name + "#scheduled",
        "source_match_id": name,
        "competition": "E0",
        "season": f"{first_year}-{(first_year + 1) % 100:02}",
        "moment": "scheduled",
        "at": kickoff - SCHEDULED_BEFORE,
        "fetched_at": datetime.now(timezone.utc),
        "content_type": "text/csv",
        "payload": f"Div,Date,HomeTeam,AwayTeam\nE0,{kickoff:%Y-%m-%d},{home},{away}".encode(),
    }


def main(brokers: str, registry: str, home: str, away: str) -> None:
    # The registry has the schema already: a producer that registers one of its own is refused by the line's check.
    encode = AvroSerializer(SchemaRegistryClient({"url": registry}),
                            conf={"auto.register.schemas": False, "use.latest.version": True})
    producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True})
    partitions = len(producer.list_topics(TOPIC, timeout=30).topics[TOPIC].partitions)
    kickoff = (datetime.now(timezone.utc) + timedelta(days=7)).replace(hour=15, minute=0, second=0, microsecond=0)
    event = fixture(home, away, kickoff)
    failures = []
    producer.produce(
        TOPIC,
        key=event["pool"],
        value=encode(event, SerializationContext(TOPIC, MessageField.VALUE)),
        partition=pool_partition(event["pool"], partitions),  # never the client's own partitioner
        on_delivery=lambda error, _: failures.append(error) if error else None,
    )
    producer.flush(30)
    if failures:
        sys.exit(str(failures[0]))


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
